package dev.sheaf.cli.progress;

import dev.sheaf.cli.client.WatchListener;
import dev.sheaf.cli.output.Words;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.v1.BuildEvent;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** Turns the events of a build into what the user sees. */
public final class ProgressFollower implements WatchListener, AutoCloseable {
    /** Also the lock of everything shown: a view may draw by itself. */
    private final Steps steps = new Steps();

    private final ProgressView view;

    public ProgressFollower(ProgressMode mode, Shell shell) throws CliException {
        this.view = mode.view(shell, steps);
    }

    @Override
    public void event(BuildEvent event) {
        synchronized (steps) {
            view.show(event, steps.apply(event));
        }
    }

    @Override
    public void disconnected(Duration pause) {
        note("=> the connection to the coordinator is lost; the build goes on there; calling again in "
                + Words.of(pause));
    }

    @Override
    public void otherLog() {
        note("=> another coordinator goes on with the build; its log begins here");
    }

    /** Shows a line of the CLI's own. */
    public void note(String line) {
        synchronized (steps) {
            view.note(line);
        }
    }

    /** The last lines of the step that failed on a platform, under its name. Empty: no step failed there. */
    public List<String> failedStep(String platform) {
        synchronized (steps) {
            for (Step step : steps.of(platform)) {
                if (!step.error.isEmpty() && !step.isCancelled()) {
                    List<String> lines = new ArrayList<>(step.lastLines());
                    lines.addFirst(" > " + step.name + ":");
                    return lines;
                }
            }
            return List.of();
        }
    }

    @Override
    public void close() {
        view.close();
    }
}
