package dev.sheaf.agent.offer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.agent.FakeEngine;
import dev.sheaf.agent.engine.EngineReport;
import dev.sheaf.agent.host.HostProof;
import dev.sheaf.agent.host.ProvedPlatform;
import dev.sheaf.image.Platform;
import dev.sheaf.v1.AgentDescription;
import dev.sheaf.v1.PlatformSupport;
import java.util.List;
import org.junit.jupiter.api.Test;

final class OfferTest {
    private static final HostProof PROOF = new HostProof(
            List.of(new ProvedPlatform(Platform.parse("linux/amd64"), "ran one")),
            List.of("linux/386: no"),
            List.of(),
            "x86_64",
            "Linux 6",
            "CPU");
    private static final EngineReport BOTH =
            new EngineReport("Engine 1", FakeEngine.FACTS, List.of(FakeEngine.AMD64, FakeEngine.ARM64), "");
    private static final EngineReport NATIVE_ONLY =
            new EngineReport("Engine 1", FakeEngine.FACTS, List.of(FakeEngine.AMD64), "");

    @Test
    void of_engineEmulatesAndNobodyAllowsIt_isNotOffered() {
        AgentDescription offer = Offer.of(terms(List.of(), List.of()), PROOF, BOTH);

        assertThat(Offer.platforms(offer)).isEqualTo("linux/amd64");
        assertThat(Offer.offers(offer, FakeEngine.ARM64, false)).isFalse();
    }

    @Test
    void of_allowedEmulation_isOfferedAndMarked() {
        Terms terms = terms(List.of(), List.of("linux/arm64"));
        AgentDescription offer = Offer.of(terms, PROOF, BOTH);

        assertThat(Offer.platforms(offer)).isEqualTo("linux/amd64, linux/arm64 (EMULATED)");
        assertThat(Offer.offers(offer, FakeEngine.ARM64, true)).isTrue();
        assertThat(Offer.offers(offer, FakeEngine.ARM64, false)).isFalse();
        assertThat(offer.getPlatformsList())
                .filteredOn(PlatformSupport::getEmulated)
                .singleElement()
                .satisfies(support -> assertThat(support.getProof()).contains("not proved", "--allow-emulation"));
        assertThat(Offer.ineffective(terms, PROOF, BOTH)).isEmpty();
    }

    @Test
    void of_allowedPlatformThatIsProved_isNative() {
        AgentDescription offer = Offer.of(terms(List.of(), List.of("linux/amd64")), PROOF, BOTH);

        assertThat(Offer.platforms(offer)).isEqualTo("linux/amd64");
    }

    @Test
    void ineffective_engineHasNoEmulator_saysSoAndWhatToDo() {
        Terms terms = terms(List.of(), List.of("linux/arm64"));

        assertThat(Offer.platforms(Offer.of(terms, PROOF, NATIVE_ONLY))).isEqualTo("linux/amd64");
        assertThat(Offer.ineffective(terms, PROOF, NATIVE_ONLY))
                .containsExactly(
                        "--allow-emulation linux/arm64 offers nothing: the engine lists no emulator for it, only"
                                + " linux/amd64; register one (qemu-user-static, binfmt) and restart the engine");
    }

    @Test
    void of_engineOfAnotherArchitecture_offersNothingWithTheReason() {
        EngineReport foreign = new EngineReport("Engine 1", FakeEngine.FACTS, List.of(FakeEngine.ARM64), "");

        assertThat(Offer.of(terms(List.of(), List.of()), PROOF, foreign).getUnavailable())
                .contains("the engine runs on arm64 but this machine is amd64");
    }

    @Test
    void of_engineAway_offersNothingWithItsProblem() {
        EngineReport away = new EngineReport("Engine 1", FakeEngine.FACTS, List.of(), "it is away; start it");
        AgentDescription offer = Offer.of(terms(List.of(), List.of("linux/arm64")), PROOF, away);

        assertThat(offer.getPlatformsList()).isEmpty();
        assertThat(offer.getUnavailable()).isEqualTo("it is away; start it");
    }

    @Test
    void of_classicStore_offersNoVariants_andSaysWhatItLacks() {
        EngineReport classic = new EngineReport(
                "Engine 1",
                new EngineReport.Facts(true, "20.10.24", "", EngineReport.Store.CLASSIC, ""),
                List.of(FakeEngine.AMD64),
                "");
        HostProof variants = new HostProof(
                List.of(
                        new ProvedPlatform(Platform.parse("linux/amd64"), "ran one"),
                        new ProvedPlatform(Platform.parse("linux/amd64/v2"), "flags")),
                List.of(),
                List.of(),
                "x86_64",
                "Linux 6",
                "CPU");

        AgentDescription offer = Offer.of(terms(List.of(), List.of()), variants, classic);

        assertThat(Offer.platforms(offer)).isEqualTo("linux/amd64");
        assertThat(offer.getHost().getDegraded()).contains("classic image store", "no variants");
        assertThat(Offer.of(terms(List.of("linux/amd64/v2"), List.of()), variants, classic)
                        .getUnavailable())
                .startsWith("linux/amd64/v2: classic image store");
    }

    private static Terms terms(List<String> only, List<String> emulated) {
        return new Terms(
                "a",
                1,
                only.stream().map(Platform::parse).toList(),
                emulated.stream().map(Platform::parse).toList(),
                "1");
    }
}
