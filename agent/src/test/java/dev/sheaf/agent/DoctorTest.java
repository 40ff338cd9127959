package dev.sheaf.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.agent.engine.EngineReport;
import dev.sheaf.agent.host.HostProof;
import dev.sheaf.agent.host.ProvedPlatform;
import dev.sheaf.agent.offer.Terms;
import dev.sheaf.image.Platform;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

final class DoctorTest {
    private static final HostProof PROOF = new HostProof(
            List.of(new ProvedPlatform(Platform.parse("linux/amd64"), "ran one")),
            List.of("linux/386: this kernel did not run it"),
            List.of("emulator registered: qemu-arm; never counts"),
            "x86_64",
            "Linux 6",
            "CPU");
    private static final EngineReport WELL = new EngineReport("Engine 1", List.of(FakeEngine.AMD64), "");
    private static final Doctor.Coordinator ANSWERS = new Doctor.Coordinator("127.0.0.1:7420", "");

    @Test
    void examine_allWell_passes() {
        assertThat(examine(terms(), PROOF, WELL, ANSWERS))
                .containsExactly(
                        "pass  host: x86_64, Linux 6, CPU",
                        "pass  platforms: 1 proved",
                        "pass  engine: Engine 1",
                        "pass  offer: linux/amd64, 1 at a time",
                        "pass  coordinator: 127.0.0.1:7420 answers");
    }

    @Test
    void examine_engineAway_isSaidOnceAndFails() {
        EngineReport away =
                new EngineReport("unix:///x", List.of(), "unix:///x: nobody listens there; start the engine");

        assertThat(examine(terms(), PROOF, away, ANSWERS))
                .contains(
                        "FAIL  engine: unix:///x: nobody listens there; start the engine",
                        "FAIL  offer: nothing, for want of an engine\n      fix: repair what failed above");
    }

    @Test
    void examine_overrideWithoutEmulator_fails() {
        assertThat(examine(terms("linux/arm64"), PROOF, WELL, ANSWERS))
                .anySatisfy(
                        line -> assertThat(line).startsWith("FAIL  emulation: --allow-emulation linux/arm64 offers"));
    }

    @Test
    void examine_coordinatorAway_failsWithTheFix() {
        Doctor.Coordinator away = new Doctor.Coordinator("127.0.0.1:1", "Connection refused");

        assertThat(examine(terms(), PROOF, WELL, away))
                .last()
                .isEqualTo("FAIL  coordinator: 127.0.0.1:1: Connection refused\n"
                        + "      fix: start it with sheaf-coordinator, or name another with --coordinator");
    }

    @Test
    void remarks_sayWhatIsProvedWhatNotAndWhatEmulates() {
        assertThat(Doctor.remarks(PROOF).stream().collect(Collectors.joining("\n")))
                .isEqualTo("proved  linux/amd64: ran one\nnot     linux/386: this kernel did not run it\n"
                        + "note    emulator registered: qemu-arm; never counts");
    }

    private static List<String> examine(
            Terms terms, HostProof proof, EngineReport engine, Doctor.Coordinator coordinator) {
        return Doctor.examine(terms, proof, engine, coordinator).stream()
                .map(Doctor.Check::toString)
                .toList();
    }

    private static Terms terms(String... emulated) {
        return new Terms(
                "a",
                1,
                List.of(),
                List.of(emulated).stream().map(Platform::parse).toList(),
                "1");
    }
}
