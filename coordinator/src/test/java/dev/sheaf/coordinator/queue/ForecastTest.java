package dev.sheaf.coordinator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.queue.api.Forecast;
import dev.sheaf.image.Platform;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What would become of a build; nothing becomes of it. */
final class ForecastTest extends QueueFixture {
    @Test
    void saysWhoWouldHaveASlice_andChangesNothing() throws Exception {
        sync("amd-1", AMD64);

        List<Forecast> forecasts = queue.forecast(now, build("a", AMD64, ARM64));

        assertThat(forecasts.getFirst().agent()).contains(new AgentId("amd-1"));
        assertThat(forecasts.getFirst().reason())
                .isEqualTo("runs it natively, the only agent that does, 1 of 1 slots free");
        assertThat(forecasts.getFirst().able()).containsExactly(new Forecast.Able(new AgentId("amd-1"), 1, 1, false));
        assertThat(forecasts.get(1).agent()).isEmpty();
        assertThat(forecasts.get(1).reason()).isEqualTo("no agent proves linux/arm64; the farm has linux/amd64");
        assertThat(queue.builds(_ -> true, 10)).isEmpty();
        assertThat(effects()).isEmpty();
        assertThat(sync("amd-1", AMD64).assignments()).isEmpty();
    }

    @Test
    void countsWhatWaitsAhead() throws Exception {
        sync("amd-1", AMD64);
        submit(request("k", Optional.empty(), AMD64));
        take("amd-1", AMD64);
        assertThat(only(queue.forecast(now, build("a", AMD64))).reason()).isEqualTo("every slot of amd-1 is taken");

        queue.submit(now, new BuildId("second"), request("l", Optional.empty(), AMD64), false);

        Forecast forecast = only(queue.forecast(now, build("a", AMD64)));
        assertThat(forecast.agent()).isEmpty();
        assertThat(forecast.ahead()).isEqualTo(1);
        assertThat(forecast.reason()).isEqualTo("waits behind others for amd-1");
    }

    @Test
    void expectsTheMedianOfTheContextOrElseOfThePlatform() throws Exception {
        sync("amd-1", AMD64);
        assertThat(only(queue.forecast(now, build("a", AMD64))).history().median())
                .isEmpty();
        builtIn("a", 30);
        builtIn("b", 5);
        builtIn("a", 10);
        builtIn("a", 20);

        Forecast.History same = only(queue.forecast(now, build("a", AMD64))).history();
        Forecast.History other =
                only(queue.forecast(now, build("never", AMD64))).history();

        assertThat(same).isEqualTo(new Forecast.History(Optional.of(Duration.ofSeconds(20)), 3, true));
        assertThat(other).isEqualTo(new Forecast.History(Optional.of(Duration.ofSeconds(20)), 4, false));
    }

    @Test
    void tellsATeamNothingOfOthers() throws Exception {
        sync("amd-1", AMD64);
        builtIn("a", 30);
        BuildRequest theirs = build("a", AMD64);
        BuildRequest request = new BuildRequest(
                theirs.idempotencyKey(),
                theirs.platforms(),
                theirs.tags(),
                theirs.push(),
                theirs.source(),
                theirs.options(),
                theirs.waitForAgents(),
                Optional.of(new BuildRequest.Submitter("bob", "others")));

        assertThat(only(queue.forecast(now, request)).history())
                .isEqualTo(new Forecast.History(Optional.empty(), 0, false));
    }

    private void builtIn(String context, int seconds) throws Exception {
        BuildRequest request = build(context, AMD64);
        BuildId id = new BuildId("build-" + context + seconds);
        queue.submit(now, id, request, false);
        LeaseId lease = take("amd-1", AMD64);
        for (int second = 0; second < seconds; second++) {
            pass(1);
            sync("amd-1", AMD64, running(lease));
        }
        sync("amd-1", AMD64, held(lease, PUSHED));
        queue.verified(now, lease, image(AMD64));
        assertThat(queue.build(id).orElseThrow().state().isTerminal()).isTrue();
    }

    private static Forecast only(List<Forecast> forecasts) {
        assertThat(forecasts).hasSize(1);
        return forecasts.getFirst();
    }

    private BuildRequest build(String context, Platform... platforms) {
        BuildRequest.Switches none = new BuildRequest.Switches(false, false);
        return new BuildRequest(
                "key-" + context + now,
                List.of(platforms),
                List.of(),
                false,
                new BuildRequest.Source.Tree(DIGEST),
                new BuildRequest.Options(
                        "", "", Map.of(), Map.of(), none, "", context, Optional.empty(), Optional.empty(), List.of()),
                Optional.empty(),
                Optional.empty());
    }
}
