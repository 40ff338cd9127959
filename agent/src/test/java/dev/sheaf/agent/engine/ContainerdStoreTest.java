package dev.sheaf.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Docker Engine 26.1 with the containerd image store: what is usual. */
final class ContainerdStoreTest extends EngineContractTest {
    @Override
    Site site() throws Exception {
        return new DockerSite(LabEngine.start("t-containerd"));
    }

    @Override
    String describedAs() {
        return "(containerd store)";
    }

    @Override
    EngineReport.Store store() {
        return EngineReport.Store.CONTAINERD;
    }

    @Test
    void solve_largeFile_arrivesWhole() throws Exception {
        int size = 20_000_000;
        MemoryFiles files = new MemoryFiles(
                from("COPY big.bin /\nRUN wc -c < /big.bin # " + UUID.randomUUID() + "\n"),
                Map.of(
                        "big.bin",
                        UUID.randomUUID().toString().repeat(size / 36 + 1).substring(0, size)));

        engine.solve(request(files), heard::add);

        assertThat(output()).contains("20000000");
    }

    @Test
    void solve_ignoredFile_isNeverRead() throws Exception {
        MemoryFiles files = new MemoryFiles(
                from("COPY . /all\nRUN ls /all\n"),
                Map.of(".dockerignore", "*.key\n", "a.txt", "a" + UUID.randomUUID(), "b.key", "secret"));

        engine.solve(request(files), heard::add);

        assertThat(output()).contains("a.txt").doesNotContain("b.key");
        assertThat(files.read).contains(".dockerignore", "a.txt").doesNotContain("b.key");
    }

    @Test
    void probe_nobodyThere_isAProblemInWords() throws Exception {
        try (Engine absent = TestEngines.open("unix:///nowhere/docker.sock")) {
            assertThat(absent.probe().usable()).isFalse();
            assertThat(absent.probe().problem())
                    .contains("/nowhere/docker.sock")
                    .contains("there is no such socket");
        }
    }
}
