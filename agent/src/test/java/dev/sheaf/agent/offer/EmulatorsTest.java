package dev.sheaf.agent.offer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.agent.FakeEngine;
import dev.sheaf.agent.engine.EngineReport;
import dev.sheaf.agent.host.FakeHost;
import dev.sheaf.agent.host.HostProof;
import dev.sheaf.image.Platform;
import dev.sheaf.v1.AgentDescription;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Emulators that appear while the agent runs: on the host, or within the engine. */
@Timeout(30)
final class EmulatorsTest {
    private static final dev.sheaf.v1.Platform I386 = FakeEngine.platform("386");
    private static final OfferWatch.Rhythm OFTEN =
            new OfferWatch.Rhythm(Duration.ofMillis(20), Duration.ofMillis(20), Duration.ofMillis(20));

    private final FakeEngine engine = new FakeEngine();
    private final FakeHost host = new FakeHost();
    private final BlockingQueue<AgentDescription> news = new LinkedBlockingQueue<>();
    private final BlockingQueue<Boolean> looks = new LinkedBlockingQueue<>();
    private Thread loop = Thread.ofVirtual().unstarted(() -> {});

    @AfterEach
    void stop() throws InterruptedException {
        loop.interrupt();
        loop.join();
    }

    @Test
    void engineBringsAnEmulator_offerStaysAsItIs() throws InterruptedException {
        OfferWatch watch = watch();
        // What BuildKit lists once it finds a buildkit-qemu-aarch64 beside itself.
        engine.report =
                new EngineReport("fake", FakeEngine.FACTS, List.of(FakeEngine.AMD64, I386, FakeEngine.ARM64), "");

        looked();

        assertThat(news).isEmpty();
        assertThat(Offer.platforms(watch.current())).isEqualTo("linux/amd64, linux/386");
        assertThat(watch.proves(FakeEngine.ARM64, false)).isFalse();
    }

    @Test
    void foreignHandlerIsRegistered_offerStaysAsItIs() throws InterruptedException {
        OfferWatch watch = watch();
        engine.report =
                new EngineReport("fake", FakeEngine.FACTS, List.of(FakeEngine.AMD64, I386, FakeEngine.ARM64), "");
        host.emulateArm64();

        looked();

        assertThat(news).isEmpty();
        assertThat(Offer.platforms(watch.current())).isEqualTo("linux/amd64, linux/386");
        assertThat(watch.proves(FakeEngine.ARM64, false)).isFalse();
    }

    @Test
    void handlerTakesAPlatformThatWasProved_itIsWithdrawn_withTheReason() throws InterruptedException {
        OfferWatch watch = watch();
        AgentDescription before = watch.current();
        assertThat(watch.proves(I386, false)).isTrue();

        host.emulate386();

        assertThat(watch.proves(I386, false)).as("at once").isFalse();
        AgentDescription now = news.poll(10, TimeUnit.SECONDS);
        assertThat(Offer.platforms(now)).isEqualTo("linux/amd64");
        assertThat(Offer.withdrawn(before, now, host.read()))
                .containsExactly(
                        "linux/386: binfmt handler qemu-i386 (/usr/bin/qemu-i386) takes 386 programs, they would"
                                + " be emulated; disable it with: echo 0 > /proc/sys/fs/binfmt_misc/qemu-i386");
    }

    @Test
    void everythingIsLost_theReasonIsTold() throws InterruptedException {
        watch(Platform.parse("linux/386"));
        host.emulate386();

        AgentDescription now = news.poll(10, TimeUnit.SECONDS);

        assertThat(now.getPlatformsList()).isEmpty();
        assertThat(now.getUnavailable()).startsWith("linux/386: binfmt handler qemu-i386");
    }

    @Test
    void whatIsLostAndMayBeEmulated_isMarkedFromThenOn_andIsNotNative() throws InterruptedException {
        engine.report = new EngineReport("fake", FakeEngine.FACTS, List.of(FakeEngine.AMD64, I386), "");
        OfferWatch watch = started(new Terms("a", 1, List.of(), List.of(Platform.parse("linux/386")), "1"));
        assertThat(Offer.platforms(watch.current())).isEqualTo("linux/amd64, linux/386");

        host.emulate386();

        AgentDescription now = news.poll(10, TimeUnit.SECONDS);
        assertThat(Offer.platforms(now)).isEqualTo("linux/amd64, linux/386 (EMULATED)");
        assertThat(Offer.offers(now, I386, false)).isFalse();
        assertThat(Offer.offers(now, I386, true)).isTrue();
    }

    @Test
    void proves_machineFailsToShowItOnce_isAskedAgain() throws InterruptedException {
        AtomicInteger reads = new AtomicInteger();
        HostProof nothing = new HostProof(List.of(), List.of("did not run"), List.of(), "x86_64", "Linux", "CPU");
        OfferWatch watch = new OfferWatch(
                new Terms("a", 1, List.of(), List.of(), "1"),
                engine,
                () -> reads.getAndIncrement() % 2 == 0 ? nothing : host.read(),
                OFTEN);

        assertThat(watch.proves(I386, false)).isTrue();
        assertThat(reads).hasValue(2);
    }

    private OfferWatch watch(Platform... only) throws InterruptedException {
        return started(new Terms("a", 1, List.of(only), List.of(), "1"));
    }

    private OfferWatch started(Terms terms) throws InterruptedException {
        OfferWatch watch = new OfferWatch(
                terms,
                engine,
                () -> {
                    looks.add(true);
                    return host.read();
                },
                OFTEN);
        watch.look();
        loop = Thread.ofVirtual().start(() -> {
            try {
                watch.run(() -> news.add(watch.current()));
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        return watch;
    }

    /** Waits until the watch has looked at the machine from beginning to end, and once more. */
    private void looked() throws InterruptedException {
        looks.clear();
        for (int i = 0; i < 3; i++) {
            assertThat(looks.poll(10, TimeUnit.SECONDS)).isTrue();
        }
    }
}
