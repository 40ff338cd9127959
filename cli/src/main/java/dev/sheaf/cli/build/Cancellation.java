package dev.sheaf.cli.build;

import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.progress.ProgressFollower;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Shell;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What Ctrl-C does: the first asks the coordinator to end the build and waits a little for that, the second leaves
 * at once.
 */
final class Cancellation {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);

    private final Shell shell;
    private final Thread runner;
    private final CoordinatorClient client;
    private final ProgressFollower follower;
    private boolean requested;
    private boolean over;
    private @Nullable String build;

    /** {@code runner}: the thread that runs the build, interrupted when waiting has no point. */
    Cancellation(Shell shell, Thread runner, CoordinatorClient client, ProgressFollower follower) {
        this.shell = shell;
        this.runner = runner;
        this.client = client;
        this.follower = follower;
    }

    /** From now on there is a build to cancel. */
    synchronized void submitted(String buildId) {
        build = buildId;
        if (requested) {
            cancel(buildId);
        }
    }

    /** The build has ended: from now on Ctrl-C has nothing to cancel. */
    synchronized void ended() {
        over = true;
    }

    synchronized boolean isRequested() {
        return requested;
    }

    /** Ctrl-C was pressed. */
    synchronized void pressed() {
        if (requested || over) {
            shell.leave().accept(ExitCode.CANCELLED);
            return;
        }
        requested = true;
        String buildId = build;
        if (buildId == null) {
            runner.interrupt();
        } else {
            follower.note("=> cancelling; Ctrl-C again leaves at once");
            cancel(buildId);
        }
    }

    private void cancel(String buildId) {
        Thread.ofVirtual().start(() -> {
            try {
                client.cancel(buildId);
            } catch (CliException e) {
                follower.note("=> the build could not be cancelled: " + e.line());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        Thread.ofVirtual().start(() -> {
            try {
                shell.sleeper().sleep(LONGEST_WAIT);
                giveUp();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    private synchronized void giveUp() {
        if (!over) {
            runner.interrupt();
        }
    }
}
