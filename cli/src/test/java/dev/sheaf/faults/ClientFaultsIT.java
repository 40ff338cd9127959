package dev.sheaf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import dev.sheaf.farm.Program;
import dev.sheaf.faults.chaos.ChaosProxy;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows L: the command line dies, is interrupted, or loses its connection. */
final class ClientFaultsIT extends FaultsFixture {
    private Site site;

    @BeforeEach
    void begin() throws Exception {
        Lab.dockerHost();
        site = open();
        site.agent("a", AMD64);
    }

    @Test
    void L1_commandLineKilled_buildGoesOn_logIsWhole() throws Exception {
        String mark = Site.mark(3);
        Site.Running build = site.build(
                Site.image(), AMD64, "FROM " + Lab.busybox() + "\nRUN echo before; sleep " + mark + "; echo behind\n");
        Site.awaitStep(mark);

        build.cli().kill9();

        assertThat(site.api().awaitEnd(build.id(), LONG).getState()).isEqualTo(BuildState.BUILD_STATE_SUCCEEDED);
        assertThat(output(build.id())).contains("before", "behind");
        site.judge();
    }

    @Test
    void L2_interruptedOnce_buildIsCancelled_stepGoneWithin10s() throws Exception {
        String mark = Site.mark(600);
        Site.Running build = site.build(Site.image(), AMD64, Site.sleeper(mark));
        long step = Site.awaitStep(mark);

        build.cli().interrupt();

        Program.await(
                "the step is gone",
                Site.within(Duration.ofSeconds(10)),
                () -> ProcessHandle.of(step).isEmpty());
        assertThat(build.cli().await(Site.within(Duration.ofSeconds(15)))).isEqualTo(130);
        assertThat(site.api().get(build.id()).getState()).isEqualTo(BuildState.BUILD_STATE_CANCELLED);
        site.judge();
    }

    @Test
    void L2_interruptedTwice_leavesAtOnce_buildIsCancelledAllTheSame() throws Exception {
        String mark = Site.mark(600);
        Site.Running build = site.build(Site.image(), AMD64, Site.sleeper(mark));
        Site.awaitStep(mark);

        build.cli().interrupt();
        build.cli().awaitLine(Pattern.compile("cancelling|was cancelled"), LONG);
        build.cli().interrupt();

        assertThat(build.cli().await(Site.within(Duration.ofSeconds(5)))).isEqualTo(130);
        assertThat(site.api().awaitEnd(build.id(), LONG).getState()).isEqualTo(BuildState.BUILD_STATE_CANCELLED);
        site.judge();
    }

    @Test
    void L3_connectionSilentFor20sThenReset_everyLineOnce() throws Exception {
        ChaosProxy proxy = site.owns(ChaosProxy.before(site.address()));
        Site.Running build = site.buildThrough(
                proxy.address(),
                Site.image(),
                AMD64,
                "FROM " + Lab.busybox()
                        + "\nRUN i=0; while [ $i -lt 60 ]; do echo line-$i-end; sleep 0.5; i=$((i+1)); done\n");
        build.cli().awaitLine(Pattern.compile("line-3-end"), LONG);

        proxy.hold(ChaosProxy.Direction.TO_CLIENT);
        proxy.hold(ChaosProxy.Direction.TO_SERVER);
        Thread.sleep(20_000);
        proxy.resetAll();
        proxy.heal();

        assertThat(build.cli().await(LONG)).as(build.cli().err()).isZero();
        assertThat(proxy.hits(ChaosProxy.Direction.TO_CLIENT)).as("data held").isPositive();
        List<Integer> lines = new ArrayList<>();
        Matcher matcher =
                Pattern.compile("(?m) line-(\\d+)-end$").matcher(build.cli().err());
        while (matcher.find()) {
            lines.add(Integer.valueOf(matcher.group(1)));
        }
        assertThat(lines).isEqualTo(IntStream.range(0, 60).boxed().toList());
        site.judge();
    }

    @Test
    void L5_uploadOfTheContextCutOff_buildSucceeds() throws Exception {
        ChaosProxy proxy = site.owns(ChaosProxy.before(site.address()));
        Path context = Files.createTempDirectory(directory, "big");
        byte[] noise = new byte[8_000_000];
        new Random(5).nextBytes(noise);
        Files.write(context.resolve("noise"), noise);
        Files.writeString(context.resolve("Dockerfile"), "FROM scratch\nCOPY noise /\n");
        proxy.resetAfter(ChaosProxy.Direction.TO_SERVER, 3_000_000);
        String image = Site.image();

        Program cli = site.cli(
                proxy.address(),
                "build",
                "--progress",
                "plain",
                "--platform",
                AMD64,
                "-t",
                image,
                "--push",
                context.toString());

        assertThat(cli.await(LONG)).as(cli.err()).isZero();
        assertThat(proxy.resets()).isEqualTo(1);
        site.judge();
    }

    @Test
    void L7_commandLineSuspended_buildEnds_resumedItShowsAll() throws Exception {
        Site.Running build = site.build(
                Site.image(),
                AMD64,
                "FROM " + Lab.busybox() + "\nRUN echo started; sleep " + Site.mark(3)
                        + "; i=0; while [ $i -lt 5000 ]; do echo line-$i-end; i=$((i+1)); done\n");
        build.cli().awaitLine(Pattern.compile("(?m)started$"), LONG);

        build.cli().signal("-STOP");
        Instant stopped = Instant.now();
        Build end = site.api().awaitEnd(build.id(), LONG);
        assertThat(end.getState()).isEqualTo(BuildState.BUILD_STATE_SUCCEEDED);
        assertThat(Duration.between(stopped, Instant.now())).isLessThan(Site.within(Duration.ofSeconds(30)));
        build.cli().signal("-CONT");

        assertThat(build.cli().await(LONG)).isZero();
        assertThat(build.cli().err()).contains("line-0-end", "line-4999-end");
        site.judge();
    }

    private String output(String build) {
        StringBuilder text = new StringBuilder();
        site.api()
                .events(build)
                .forEach(event -> event.getProgress()
                        .getLogsList()
                        .forEach(log -> text.append(log.getData().toStringUtf8())));
        return text.toString();
    }
}
