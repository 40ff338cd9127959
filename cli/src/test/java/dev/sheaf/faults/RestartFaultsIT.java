package dev.sheaf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import dev.sheaf.farm.Program;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.SliceStage;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Isolated;

/** Rows whose promised times hold the start of a JVM. */
@Isolated // beside another test on two cores, a start takes several times as long
final class RestartFaultsIT extends FaultsFixture {
    @Test
    void A1_agentKilledAndRestarted_sliceRunsAgainWithin10s_oldStepGone() throws Exception {
        Lab.dockerHost();
        Site site = open();
        Program agent = site.agent("a", AMD64);
        String mark = Site.mark(3);
        Site.Running build = site.build(Site.image(), AMD64, Site.sleeper(mark));
        long step = Site.awaitStep(mark);

        Instant killed = Instant.now();
        agent.kill9();
        site.launch(site.plan("a", AMD64));

        BuildEvent again = site.api().awaitSlice(build.id(), SliceStage.SLICE_STAGE_RUNNING, 2, MINUTE);
        assertThat(since(killed, again)).isLessThan(Site.within(Duration.ofSeconds(10)));
        assertThat(ProcessHandle.of(step)).as("the step of the killed agent").isEmpty();
        assertSucceeded(site, build);
    }
}
