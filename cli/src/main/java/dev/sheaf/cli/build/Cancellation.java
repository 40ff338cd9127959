package dev.sheaf.cli.build;

import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.progress.ProgressFollower;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Shell;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What Ctrl-C does: the first asks the coordinator to end the build and waits a little for that, the second leaves
 * at once.
 */
final class Cancellation {
    private static final Duration LONGEST_WAIT = Duration.ofSeconds(10);
    /** Who presses twice at once still wants the build to end; this is not felt as waiting. */
    private static final Duration CALL_WAIT = Duration.ofMillis(500);

    private final Shell shell;
    private final Thread runner;
    private final CoordinatorClient client;
    private final ProgressFollower follower;
    private final CountDownLatch acknowledged = new CountDownLatch(1);
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
            leave();
            return;
        }
        requested = true;
        follower.note("=> cancelling; Ctrl-C again leaves at once");
        String buildId = build;
        if (buildId == null) {
            runner.interrupt();
        } else {
            cancel(buildId);
        }
    }

    private void leave() {
        String buildId = build;
        if (!over && buildId != null && !isAcknowledged()) {
            follower.note("=> the build may go on; see sheaf show " + buildId);
        }
        shell.leave().accept(ExitCode.CANCELLED);
    }

    private boolean isAcknowledged() {
        try {
            return acknowledged.await(CALL_WAIT.toMillis(), TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private void cancel(String buildId) {
        Thread.ofVirtual().start(() -> {
            try {
                client.cancel(buildId);
                acknowledged.countDown();
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
