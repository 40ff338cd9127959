package dev.sheaf.agent.engine.orphan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which processes are taken for steps that outlived their engine; the engines' own tests make real ones. */
final class OrphanedStepsTest {
    private static final String DATA = "/var/lib/docker";
    private static final String EXECUTOR = DATA + "/buildkit/executor";
    private static final String FIRST = "dt1yskricldkn6umu81pryfo3";
    private static final String SECOND = "w9t5z5zka35jowyfenfp4rl2l";

    @TempDir
    private Path proc;

    private OrphanedSteps orphans;

    @BeforeEach
    void readThis() throws IOException {
        orphans = new OrphanedSteps(new ProcessTable(proc));
        process(1, "0::/init.scope", "/sbin/init", "");
        Files.createDirectory(proc.resolve("self"));
        mounted("22 1 254:0 / / rw,relatime shared:1 - ext4 /dev/vda rw");
    }

    /** What the agent itself sees mounted. */
    private void mounted(String... lines) throws IOException {
        Files.writeString(proc.resolve("self/mountinfo"), String.join("\n", lines) + "\n");
    }

    private void process(long pid, String cgroup, String line, String mountinfo) throws IOException {
        Path directory = Files.createDirectories(proc.resolve(Long.toString(pid)));
        Files.writeString(directory.resolve("cgroup"), cgroup + "\n");
        Files.writeString(directory.resolve("cmdline"), line.replace(' ', '\0') + '\0');
        Files.writeString(directory.resolve("comm"), "program\n");
        Files.writeString(directory.resolve("mountinfo"), mountinfo);
    }

    private static String inStep(String device, String executor) {
        return """
                98 49 0:44 / / rw,relatime - overlay overlay rw,upperdir=/var/lib/docker/overlay2/l/A
                105 98 %1$s %2$s/resolv.conf /etc/resolv.conf ro - ext4 /dev/vda rw
                106 98 %1$s %2$s/hosts.kpgbai8ffdhfazzuwg4xj1qnk /etc/hosts ro - ext4 /dev/vda rw
                """.formatted(device, executor);
    }

    private List<OrphanedStep> found() {
        return orphans.find(DATA);
    }

    @Test
    void stepThatNobodyWaitsFor_isAnOrphan_withAllItsProcesses() throws IOException {
        process(10, "0::/docker/buildkit/" + FIRST, "make -j", inStep("254:0", EXECUTOR));
        process(11, "0::/docker/buildkit/" + FIRST + "/inner", "cc1 main.c", inStep("254:0", EXECUTOR));

        assertThat(found()).containsExactly(new OrphanedStep(FIRST, List.of(10L, 11L)));
    }

    @Test
    void everyWayToNameAStepsControlGroup_isKnown() throws IOException {
        process(10, "9:name=systemd:/\n0::/system.slice/system.slice:docker:" + FIRST, "a", inStep("254:0", EXECUTOR));
        process(11, "0::/../system.slice/docker-" + SECOND + ".scope", "b", inStep("254:0", EXECUTOR));

        assertThat(found()).extracting(OrphanedStep::id).containsExactly(FIRST, SECOND);
    }

    @Test
    void stepThatRunsAsItShould_isNone() throws IOException {
        process(9, "0::/system.slice/docker.service", "runc run --bundle " + EXECUTOR + "/" + FIRST, "");
        process(10, "0::/docker/buildkit/" + FIRST, "make", inStep("254:0", EXECUTOR));
        process(12, "0::/docker/buildkit/" + SECOND, "make " + SECOND, inStep("254:0", EXECUTOR));

        // A step that knows its own name does not wait for itself.
        assertThat(found()).extracting(OrphanedStep::id).containsExactly(SECOND);
    }

    @Test
    void containersAndOthersSteps_areNone() throws IOException {
        process(10, "0::/docker/" + "a".repeat(64), "nginx", inStep("254:0", DATA + "/containers/a"));
        process(11, "0::/docker/buildkit/" + FIRST, "make", inStep("254:0", "/srv/other" + EXECUTOR));
        process(12, "0::/docker/buildkit/" + SECOND, "make", inStep("254:7", EXECUTOR));
        process(13, "0::/buildkit/vmee57km6omq8c3gvnh9qxl2n", "make", "");

        assertThat(found()).isEmpty();
    }

    @Test
    void dataOnAnotherDevice_isKnownByItsPlaceThere() throws IOException {
        mounted(
                "22 1 254:0 / / rw - ext4 /dev/vda rw",
                "30 22 0:31 /subvolume\\0401 /var/lib rw shared:9 - btrfs /dev/vdb rw",
                "31 22 254:9 / /var/lib/dockers rw - ext4 /dev/vdc rw");
        process(10, "0::/docker/buildkit/" + FIRST, "a", inStep("0:31", "/subvolume\\0401/docker/buildkit/executor"));
        process(11, "0::/docker/buildkit/" + SECOND, "b", inStep("254:0", EXECUTOR));

        assertThat(found()).extracting(OrphanedStep::id).containsExactly(FIRST);
    }

    @Test
    void buildkitd_doesNotSayWhereItsDataIs_itsStepsAreKnownAllTheSame() throws IOException {
        process(10, "0::/buildkit/" + FIRST, "a", inStep("254:0", "/var/lib/buildkit/runc-overlayfs/executor"));
        process(11, "0::/docker/buildkit/" + SECOND, "b", inStep("254:0", EXECUTOR));

        assertThat(orphans.find("")).extracting(OrphanedStep::id).containsExactly(FIRST);
        assertThat(found()).extracting(OrphanedStep::id).containsExactly(SECOND);
    }

    @Test
    void processesAreHidden_nothingIsTakenForAnOrphan() throws IOException {
        process(10, "0::/docker/buildkit/" + FIRST, "make", inStep("254:0", EXECUTOR));
        Files.delete(proc.resolve("1/cgroup"));

        assertThat(found()).isEmpty();
    }

    @Test
    void ownStep_isNone() throws IOException {
        process(ProcessHandle.current().pid(), "0::/docker/buildkit/" + FIRST, "agent", inStep("254:0", EXECUTOR));

        assertThat(found()).isEmpty();
    }

    @Test
    void sweep_endsEveryProcessOfAStep() throws Exception {
        Process first = new ProcessBuilder("sleep", "300").start();
        Process second = new ProcessBuilder("sleep", "300").start();
        try {
            process(first.pid(), "0::/docker/buildkit/" + FIRST, "sleep", inStep("254:0", EXECUTOR));
            process(second.pid(), "0::/docker/buildkit/" + FIRST, "sleep", inStep("254:0", EXECUTOR));

            assertThat(orphans.sweep(DATA)).isEmpty();

            assertThat(first.waitFor(1, TimeUnit.SECONDS)).isTrue();
            assertThat(second.waitFor(1, TimeUnit.SECONDS)).isTrue();
        } finally {
            first.destroyForcibly();
            second.destroyForcibly();
        }
    }
}
