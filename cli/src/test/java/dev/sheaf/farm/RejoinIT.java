package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An agent that dies and is started anew under its name. */
@Tag("lab")
final class RejoinIT {
    /** A name is held for 5 s after its process was last heard. */
    private static final Duration REJOINED = Duration.ofSeconds(8);

    @TempDir
    private Path directory;

    private Farm farm;

    @BeforeEach
    void startFarm() throws Exception {
        farm = Farm.start(directory);
    }

    @AfterEach
    void stopFarm() {
        farm.close();
    }

    @Test
    void agentKilledInMidBuild_startedAnew_takesItsSliceAgainWithinSeconds() throws Exception {
        Program first = farm.agent("amd64-1", "linux/amd64");
        String image = Lab.registry() + "/it/rejoin" + ProcessHandle.current().pid() + ":1";
        Path context = farm.context("Dockerfile", "FROM " + Lab.busybox() + "\nRUN echo started; sleep 4\n");
        try (Program build = farm.start(
                "build",
                "--progress",
                "plain",
                "--platform",
                "linux/amd64",
                "-t",
                image,
                "--push",
                context.toString())) {
            build.awaitLine(Pattern.compile("(?m)started$"), Duration.ofSeconds(60));
            first.kill9();
            Program second = farm.agent("amd64-1", "linux/amd64");

            Instant spoke = time(second, "agent amd64-1 speaks with the coordinator");
            Instant took = time(second, "attempt 2 starts");

            assertThat(Duration.between(spoke, took)).isLessThan(REJOINED);
            assertThat(build.await(Duration.ofMinutes(1))).as(build.err()).isZero();
            assertThat(second.isAlive()).isTrue();
        }
    }

    /** When the program logged this. */
    private static Instant time(Program program, String text) throws InterruptedException {
        return Instant.parse(
                program.awaitLine(Pattern.compile("(?m)^(\\S+Z) .*" + Pattern.quote(text)), Duration.ofSeconds(60))
                        .group(1));
    }
}
