package dev.sheaf.agent.offer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.agent.FakeEngine;
import dev.sheaf.agent.engine.EngineReport;
import dev.sheaf.agent.host.HostProof;
import dev.sheaf.agent.host.ProvedPlatform;
import dev.sheaf.image.Platform;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
final class OfferWatchTest {
    private static final HostProof PROOF = new HostProof(
            List.of(new ProvedPlatform(Platform.parse("linux/amd64"), "ran one")),
            List.of(),
            List.of(),
            "x86_64",
            "Linux 6",
            "CPU");
    /** A look at an engine that is well never comes by itself here: only the pulse can find out. */
    private static final OfferWatch.Rhythm RHYTHM =
            new OfferWatch.Rhythm(Duration.ofHours(1), Duration.ofMillis(20), Duration.ofMillis(20));

    private final FakeEngine engine = new FakeEngine();
    private final BlockingQueue<String> news = new LinkedBlockingQueue<>();
    private final OfferWatch watch =
            new OfferWatch(new Terms("a", 1, List.of(), List.of(), "1"), engine, () -> PROOF, RHYTHM);
    private Thread loop;

    @BeforeEach
    void start() throws InterruptedException {
        assertThat(watch.current().getUnavailable()).isEqualTo("the engine was not looked at yet");
        watch.look();
        loop = Thread.ofVirtual().start(() -> {
            try {
                watch.run(() -> news.add(watch.current().getUnavailable()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
    }

    @AfterEach
    void stop() throws InterruptedException {
        loop.interrupt();
        loop.join();
    }

    @Test
    void run_engineStopsAnswering_isToldAndSoIsItsReturn() throws InterruptedException {
        EngineReport well = engine.report;
        engine.report = new EngineReport("fake", FakeEngine.FACTS, List.of(), "it hangs");
        engine.answers = false;
        assertThat(news.poll(10, TimeUnit.SECONDS)).isEqualTo("it hangs");

        engine.report = well;
        engine.answers = true;
        assertThat(news.poll(10, TimeUnit.SECONDS)).isEmpty();
        assertThat(watch.current().getPlatformsCount()).isEqualTo(1);
    }

    @Test
    void doubt_isSettledBeforeItReturns() throws InterruptedException {
        engine.report = new EngineReport("fake", FakeEngine.FACTS, List.of(), "it is away");
        watch.doubt();

        assertThat(watch.current().getUnavailable()).isEqualTo("it is away");
        assertThat(news.poll(10, TimeUnit.SECONDS)).isEqualTo("it is away");
    }
}
