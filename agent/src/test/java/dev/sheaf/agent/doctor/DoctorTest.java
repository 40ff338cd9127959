package dev.sheaf.agent.doctor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.agent.FakeEngine;
import dev.sheaf.agent.engine.EngineReport;
import dev.sheaf.agent.engine.EngineReport.Facts;
import dev.sheaf.agent.engine.EngineReport.Store;
import dev.sheaf.agent.host.HostProof;
import dev.sheaf.agent.host.ProvedPlatform;
import dev.sheaf.agent.offer.Terms;
import dev.sheaf.image.Platform;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DoctorTest {
    private static final HostProof PROOF = new HostProof(
            List.of(new ProvedPlatform(Platform.parse("linux/amd64"), "ran one")),
            List.of("linux/386: this kernel did not run it"),
            List.of("emulator registered: qemu-arm; never counts"),
            "x86_64",
            "Linux 6",
            "CPU");
    private static final HostProof NOTHING =
            new HostProof(List.of(), List.of("uname says aarch64"), List.of(), "aarch64", "Linux 6", "CPU");
    private static final Optional<DiskSpace> ROOM = disk(100_000_000_000L);
    private static final Doctor.Coordinator ANSWERS = new Doctor.Coordinator("127.0.0.1:7420", "");

    @Test
    void examine_allWell_passes() {
        assertThat(examine(terms(), PROOF, engine(FakeEngine.FACTS, ""), ROOM, ANSWERS))
                .containsExactly(
                        "pass  host: x86_64, Linux 6, CPU",
                        "pass  linux/amd64: ran one",
                        "note  not proved: linux/386: this kernel did not run it",
                        "note  binfmt: emulator registered: qemu-arm; never counts",
                        "pass  platforms: 1 proved",
                        "pass  engine: Engine 1",
                        "pass  version: Docker Engine 29.9.0",
                        "pass  version: BuildKit v0.31.2",
                        "pass  image store: containerd",
                        "pass  trial build: a build of nothing from scratch succeeds",
                        "pass  disk: 100.0 GB of 200.0 GB free in /var/lib/docker",
                        "pass  offer: linux/amd64, 1 at a time",
                        "pass  coordinator: 127.0.0.1:7420 answers");
    }

    @Test
    void examine_machineThatProvesNothing_fails() {
        assertThat(examine(terms(), NOTHING, engine(FakeEngine.FACTS, ""), ROOM, ANSWERS))
                .contains(
                        "FAIL  host: aarch64, Linux 6, CPU proves no platform\n"
                                + "      fix: run the agent on the machine itself, without an emulator in between",
                        "FAIL  offer: uname says aarch64\n      fix: repair what failed above");
    }

    @Test
    void examine_platformThatIsNotProved_fails() {
        Terms terms = new Terms("a", 1, List.of(Platform.parse("linux/386")), List.of(), "1");

        assertThat(examine(terms, PROOF, engine(FakeEngine.FACTS, ""), ROOM, ANSWERS))
                .anySatisfy(line -> assertThat(line)
                        .startsWith("FAIL  platforms: --platform linux/386 is refused: this machine proves linux/amd64")
                        .endsWith("\n      fix: leave --platform out"))
                .contains("FAIL  offer: linux/386: this kernel did not run it\n      fix: repair what failed above");
    }

    @Test
    void examine_engineAway_isSaidOnceAndFails() {
        EngineReport away = new EngineReport(
                "unix:///x", Facts.NONE, List.of(), "unix:///x: nobody listens there; start the engine");

        assertThat(examine(terms(), PROOF, away, Optional.empty(), ANSWERS))
                .contains(
                        "FAIL  engine: unix:///x: nobody listens there\n      fix: start the engine",
                        "FAIL  offer: nothing, for want of an engine\n      fix: repair what failed above")
                .noneMatch(line -> line.contains("image store") || line.contains("trial") || line.contains("disk"));
    }

    @Test
    void examine_classicStore_warnsThatItIsDegraded() {
        Facts facts = new Facts(true, "29.9.0", "", Store.CLASSIC, "");

        assertThat(examine(terms(), PROOF, engine(facts, ""), ROOM, ANSWERS))
                .contains(
                        "warn  image store: DEGRADED: classic image store: pushed under a temporary tag, no attestations, no variants"
                                + "\n      fix: " + EngineReport.UPGRADE,
                        "pass  trial build: a build of nothing from scratch succeeds");
    }

    @Test
    void examine_trialBuildFails_fails() {
        EngineReport broken = engine(FakeEngine.FACTS, "a build of nothing fails on this engine: x; look into its log");

        assertThat(examine(terms(), PROOF, broken, ROOM, ANSWERS))
                .contains(
                        "FAIL  trial build: a build of nothing fails on this engine: x\n      fix: look into its log");
    }

    @Test
    void examine_buildKitAlone_hasNoStore() {
        Facts facts = new Facts(true, "", "v0.32.2", Store.NONE, "");

        assertThat(examine(terms(), PROOF, engine(facts, ""), Optional.empty(), ANSWERS))
                .contains("pass  image store: none: a BuildKit pushes by digest", "pass  version: BuildKit v0.32.2")
                .noneMatch(line -> line.contains("Docker Engine"));
    }

    @ParameterizedTest
    @CsvSource({
        "26.1.5, WARN",
        "26.1.5+dfsg1, WARN",
        "20.10.24, WARN",
        "29.8.1, WARN",
        "29.8.2-rc.1, WARN",
        "29.8.2, PASS",
        "29.8.2+dfsg1, PASS",
        "29.10.0, PASS",
        "30, PASS",
        "library-import, NOTE",
    })
    void version_ofDocker_isComparedByItsNumbers(String version, Check.Verdict verdict) {
        assertThat(VersionFloor.judge(new Facts(true, version, "", Store.CONTAINERD, "")))
                .singleElement()
                .matches(check -> check.verdict() == verdict && check.found().contains(version));
    }

    @ParameterizedTest
    @CsvSource({
        "v0.13.2, WARN",
        "v0.31.1, WARN",
        "v0.31.2, PASS",
        "v0.31.2-moby, PASS",
        "v0.31.2-rc1, WARN",
        "v1.0.0, PASS",
        "'', NOTE"
    })
    void version_ofBuildKit_isComparedByItsNumbers(String version, Check.Verdict verdict) {
        assertThat(VersionFloor.judge(new Facts(true, "", version, Store.NONE, "")))
                .singleElement()
                .matches(check -> check.verdict() == verdict);
    }

    @Test
    void examine_oldEngine_isAWarningAndNoFailure() {
        Facts old = new Facts(true, "26.1.5", "", Store.CONTAINERD, "");
        List<Check> checks =
                Doctor.examine(terms(), new Doctor.Findings(PROOF, engine(old, ""), disk(5_000_000_000L), ANSWERS));

        assertThat(checks.stream().map(Check::toString))
                .contains(
                        "warn  version: Docker Engine 26.1.5 is older than 29.8.2, which closes published ways for a"
                                + " build to harm its host\n"
                                + "      fix: update it before it builds for people whom you do not trust",
                        "warn  disk: 5.0 GB of 200.0 GB free in /var/lib/docker\n"
                                + "      fix: docker system prune, or enlarge the disk");
        assertThat(checks).noneMatch(Check::failed);
    }

    @Test
    void examine_fullDisk_fails() {
        assertThat(examine(terms(), PROOF, engine(FakeEngine.FACTS, ""), disk(999_000_000L), ANSWERS))
                .contains("FAIL  disk: 1.0 GB of 200.0 GB free in /var/lib/docker\n"
                        + "      fix: docker system prune, or enlarge the disk");
    }

    @Test
    void diskSpace_isKnownWhereTheDirectoryIs(@TempDir Path directory) {
        assertThat(DiskSpace.of(directory.toString()))
                .hasValueSatisfying(disk ->
                        assertThat(disk.total()).isGreaterThan(disk.free() - 1).isPositive());
        assertThat(DiskSpace.of(directory.resolve("not-here").toString())).isEmpty();
        assertThat(DiskSpace.of("")).isEmpty();
    }

    @Test
    void examine_overrideWithoutEmulator_fails() {
        Terms terms = new Terms("a", 1, List.of(), List.of(Platform.parse("linux/arm64")), "1");

        assertThat(examine(terms, PROOF, engine(FakeEngine.FACTS, ""), ROOM, ANSWERS))
                .anySatisfy(
                        line -> assertThat(line).startsWith("FAIL  emulation: --allow-emulation linux/arm64 offers"));
    }

    @Test
    void examine_coordinatorAway_failsWithTheFix() {
        Doctor.Coordinator away = new Doctor.Coordinator("127.0.0.1:1", "Connection refused");

        assertThat(examine(terms(), PROOF, engine(FakeEngine.FACTS, ""), ROOM, away))
                .last()
                .isEqualTo("FAIL  coordinator: 127.0.0.1:1: Connection refused\n"
                        + "      fix: start it with sheaf-coordinator, or name another with --coordinator");
    }

    private static List<String> examine(
            Terms terms,
            HostProof proof,
            EngineReport engine,
            Optional<DiskSpace> disk,
            Doctor.Coordinator coordinator) {
        return Doctor.examine(terms, new Doctor.Findings(proof, engine, disk, coordinator)).stream()
                .map(Check::toString)
                .toList();
    }

    private static EngineReport engine(Facts facts, String problem) {
        return new EngineReport("Engine 1", facts, List.of(FakeEngine.AMD64), problem);
    }

    private static Optional<DiskSpace> disk(long free) {
        return Optional.of(new DiskSpace(Path.of("/var/lib/docker"), free, 200_000_000_000L));
    }

    private static Terms terms() {
        return new Terms("a", 1, List.of(), List.of(), "1");
    }
}
