package dev.sheaf.cli.progress;

import dev.sheaf.cli.output.Words;
import dev.sheaf.v1.BuildEvent;
import java.io.PrintStream;
import java.time.Instant;
import java.util.List;

/**
 * Lines in the order they come, each with the number of its step, for logs of CI. A step's first line and its last name
 * the platform: {@code #5 [linux/arm64 2/3] RUN make} and {@code #5 DONE 3.1s [linux/arm64 2/3]}.
 */
final class PlainView implements ProgressView {
    private final PrintStream err;
    private final SliceWords slices = new SliceWords();

    PlainView(PrintStream err) {
        this.err = err;
    }

    @Override
    public void show(BuildEvent event, List<StepNews> news) {
        slices.line(event).ifPresent(err::println);
        for (StepNews item : news) {
            Step step = item.step();
            String text = switch (item) {
                case StepNews.Started _ -> step.name;
                case StepNews.Line line -> line.text();
                case StepNews.Ended _ -> end(step);
            };
            err.println("#" + step.number + " " + text);
        }
        err.flush();
    }

    private static String end(Step step) {
        if (step.isCancelled()) {
            return "CANCELED " + step.place();
        }
        if (!step.error.isEmpty()) {
            return "ERROR: " + step.place() + " " + step.error;
        }
        return step.cached
                ? "CACHED " + step.place()
                : "DONE " + Words.of(step.time(Instant.EPOCH)) + " " + step.place();
    }

    @Override
    public void note(String line) {
        err.println(line);
        err.flush();
    }

    @Override
    public void close() {
        err.flush();
    }
}
