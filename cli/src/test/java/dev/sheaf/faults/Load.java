package dev.sheaf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.farm.Program;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.SubmitRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;

/** Builds that come in while a coordinator fails. */
final class Load {
    private static final Duration PATIENCE = Site.within(Duration.ofMinutes(1));
    private static final int PAUSE_MILLIS = 150;

    /** What a call may end with when its coordinator is killed. */
    private static final Set<Status.Code> PASSING = EnumSet.of(
            Status.Code.UNAVAILABLE,
            Status.Code.DEADLINE_EXCEEDED,
            Status.Code.INTERNAL,
            Status.Code.UNKNOWN,
            Status.Code.CANCELLED);

    private final List<Api> coordinators;
    private final List<String> builds = new CopyOnWriteArrayList<>();
    private final Thread user = Thread.ofVirtual().unstarted(this::run);
    private volatile boolean stopped;

    private Load(List<Api> coordinators) {
        this.coordinators = coordinators;
    }

    /** Begins: about six builds a second. */
    static Load on(Api... coordinators) {
        Load load = new Load(List.of(coordinators));
        load.user.start();
        return load;
    }

    private void run() {
        while (!stopped) {
            builds.add(submit(coordinators, Api.check("linux/amd64")));
            pause(PAUSE_MILLIS);
        }
    }

    /** Waits until so many more builds are accepted. */
    void awaitMore(int count) throws InterruptedException {
        int wanted = builds.size() + count;
        Program.await("builds are accepted", PATIENCE, () -> builds.size() >= wanted);
    }

    /** The builds that were accepted. */
    List<String> stop() throws InterruptedException {
        stopped = true;
        user.join();
        return List.copyOf(builds);
    }

    /** Submits as the command line does: the same request again, to each coordinator in turn, until one accepts it. */
    static String submit(List<Api> coordinators, SubmitRequest request) {
        long end = System.nanoTime() + PATIENCE.toNanos();
        for (int turn = 0; ; turn++) {
            Api called = coordinators.get(turn % coordinators.size());
            try {
                return called.submit(request);
            } catch (StatusRuntimeException e) {
                if (!PASSING.contains(e.getStatus().getCode()) || System.nanoTime() > end) {
                    throw new AssertionError("a build is not accepted: " + e.getStatus(), e);
                }
                called.channel().resetConnectBackoff();
                pause(50);
            }
        }
    }

    private static void pause(int millis) {
        try {
            Thread.sleep(millis);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Every build that was accepted ended well, began at an agent exactly once, and kept every promise. */
    static void assertEachRanOnce(Site site, List<String> builds) throws Exception {
        assertThat(builds).isNotEmpty().doesNotHaveDuplicates();
        for (String build : builds) {
            assertThat(site.api().awaitEnd(build, PATIENCE).getState()).isEqualTo(BuildState.BUILD_STATE_SUCCEEDED);
        }
        Map<String, Long> begun = site.record().stream()
                .filter(entry -> entry.kind() == ScriptedAgent.Kind.STARTED)
                .collect(Collectors.groupingBy(entry -> entry.lease().getBuildId(), Collectors.counting()));
        assertThat(builds).allSatisfy(build -> assertThat(begun).containsEntry(build, 1L));
        site.judge();
    }
}
