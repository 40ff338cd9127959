package dev.sheaf.cli.progress;

import dev.sheaf.cli.output.Words;
import dev.sheaf.v1.BuildEvent;
import java.io.PrintStream;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Lines in the order they come, each with the number of its step: for logs of CI. */
final class PlainView implements ProgressView {
    private final PrintStream err;
    private final SliceWords slices = new SliceWords();
    private @Nullable Step current;

    PlainView(PrintStream err) {
        this.err = err;
    }

    @Override
    public void show(BuildEvent event, List<StepNews> news) {
        slices.line(event).ifPresent(this::note);
        for (StepNews item : news) {
            Step step = item.step();
            turnTo(step);
            switch (item) {
                case StepNews.Started _ -> {}
                case StepNews.Line line -> err.println("#" + step.number + " " + line.text());
                case StepNews.Ended _ -> end(step);
            }
        }
        err.flush();
    }

    private void turnTo(Step step) {
        if (current == step) {
            return;
        }
        if (current != null) {
            err.println("#" + current.number + " ...");
            err.println();
        }
        current = step;
        err.println("#" + step.number + " " + step.name);
    }

    private void end(Step step) {
        String how;
        if (step.isCancelled()) {
            how = "CANCELED";
        } else if (!step.error.isEmpty()) {
            how = "ERROR: " + step.error;
        } else if (step.cached) {
            how = "CACHED";
        } else {
            how = "DONE " + Words.of(step.time(Instant.EPOCH));
        }
        err.println("#" + step.number + " " + how);
        err.println();
        current = null;
    }

    @Override
    public void note(String line) {
        if (current != null) {
            err.println("#" + current.number + " ...");
            err.println();
            current = null;
        }
        err.println(line);
        err.flush();
    }

    @Override
    public void close() {
        err.flush();
    }
}
