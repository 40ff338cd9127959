package dev.sheaf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.BuildState;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;

/** What every suite of faults works with: a directory for each test, and parts that are gone after it. */
@Tag("faults")
@Execution(ExecutionMode.CONCURRENT)
@TestInstance(TestInstance.Lifecycle.PER_METHOD)
abstract class FaultsFixture {
    static final String AMD64 = "linux/amd64";
    static final Duration MINUTE = Site.within(Duration.ofMinutes(1));
    static final Duration LONG = Site.within(Duration.ofMinutes(2));

    @TempDir
    Path directory;

    private final Deque<AutoCloseable> parts = new ArrayDeque<>();

    /** Closed after the test, what came last first. */
    final <T extends AutoCloseable> T owns(T part) {
        parts.push(part);
        return part;
    }

    /** A site in the test's directory. */
    final Site open() throws IOException, InterruptedException {
        return owns(Site.open(directory));
    }

    /** Waits for the build's end, and lets the oracle look at everything. */
    static void assertSucceeded(Site site, Site.Running build) throws Exception {
        assertThat(site.api().awaitEnd(build.id(), LONG).getState())
                .as(build.cli().err())
                .isEqualTo(BuildState.BUILD_STATE_SUCCEEDED);
        site.judge();
    }

    static Instant at(BuildEvent event) {
        return Instant.ofEpochSecond(
                event.getTime().getSeconds(), event.getTime().getNanos());
    }

    static Duration since(Instant start, BuildEvent event) {
        return Duration.between(start, at(event));
    }

    @AfterEach
    final void close() throws Exception {
        while (!parts.isEmpty()) {
            parts.pop().close();
        }
    }
}
