package dev.sheaf.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.github.dockerjava.api.DockerClient;
import dev.sheaf.agent.engine.channel.EngineAddress;
import dev.sheaf.agent.engine.docker.DockerSocket;
import dev.sheaf.architecture.Lab;
import dev.sheaf.testregistry.RegistryProcess;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.VertexWarning;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Docker Engine 20.10, which knows the classic image store only. */
final class ClassicStoreTest extends EngineContractTest {
    @Override
    Site site() throws Exception {
        return new DockerSite(LabEngine.start("t-classic", "--old"));
    }

    private String address() {
        return ((DockerSite) site).docker().address();
    }

    @Override
    String describedAs() {
        return "Docker Engine 20.10.";
    }

    @Override
    EngineReport.Store store() {
        return EngineReport.Store.CLASSIC;
    }

    @Override
    boolean showsLines() {
        return false;
    }

    /** Distribution 2 answers 400 to the removal of a tag where it deletes at all, and else 405. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void solve_pushesUnderATagOfItsAttempt_whichTheRegistryKeeps_andLeavesNothingInTheEngine(
            boolean deletes, @TempDir Path storage) throws Exception {
        try (RegistryProcess registry =
                deletes ? RegistryProcess.start(storage, "") : RegistryProcess.withoutDeletion(storage)) {
            assertKeepsTheTemporaryTag(registry.address() + "/contract/tag");
        }
    }

    private void assertKeepsTheTemporaryTag(String repository) throws Exception {
        String attempt = "b7-amd64-" + ProcessHandle.current().pid();
        SolveRequest request = new SolveRequest(
                attempt,
                AMD64,
                spec().addTags(repository + ":wanted").build(),
                List.of(repository),
                List.of(),
                List.of(),
                files("RUN echo " + UUID.randomUUID() + " > /a\n"),
                false);

        String digest = engine.solve(request, heard::add).digest();

        assertThat(Manifests.status(repository, digest)).isEqualTo(200);
        assertThat(Manifests.tags(repository))
                .contains("\"sheaf-" + attempt + "\"")
                .doesNotContain("wanted");
        assertThat(output()).contains("the registry keeps the temporary tag sheaf-" + attempt);
        assertThat(ours()).isEmpty();
    }

    @Test
    void solve_tagThatIsTheAttempts_isRefused() {
        SolveRequest request = new SolveRequest(
                "b8-amd64-1",
                AMD64,
                spec().addTags(Lab.registry() + "/contract/one:sheaf-b8-amd64-1")
                        .build(),
                List.of(Lab.registry() + "/contract/one"),
                List.of(),
                List.of(),
                files("ENV A=1\n"),
                false);

        SolveFailure failure = catchThrowableOfType(SolveFailure.class, () -> engine.solve(request, heard::add));

        assertThat(failure.failure().getKind()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
        assertThat(failure.getMessage()).contains("sheaf-b8-amd64-1", "choose another");
    }

    @Test
    void solve_provenanceIsAskedFor_isBuiltWithoutAndSaysSo() throws Exception {
        SolveRequest request = new SolveRequest(
                AMD64,
                spec().setProvenance("mode=max").build(),
                List.of(Lab.registry() + "/contract/one"),
                List.of(),
                List.of(),
                files("RUN echo " + UUID.randomUUID() + " > /a\n"));

        assertThat(engine.solve(request, heard::add).digest()).startsWith("sha256:");

        assertThat(heard.stream()
                        .map(Progress::getWarningsList)
                        .flatMap(List::stream)
                        .map(VertexWarning::getSummary))
                .anyMatch(text -> text.contains("built without provenance"));
    }

    @Test
    void whatACrashLeft_isSweptBeforeAnythingIsOffered_andOthersImagesStay() throws Exception {
        engine.probe();
        String left = Lab.registry() + "/contract/left";
        try (DockerClient client = client()) {
            // As an agent that is killed between build and push leaves it.
            client.pullImageCmd(Lab.registry() + "/lab/busybox")
                    .withTag("1")
                    .start()
                    .awaitCompletion();
            String id = client.inspectImageCmd(Lab.busybox()).exec().getId();
            String owned = "sheaf.invalid/agent-" + ownerHash();
            client.tagImageCmd(id, owned, "sheaf-b9-amd64-1").exec();
            client.tagImageCmd(id, left, "sheaf-b9-amd64-1").exec();
            client.tagImageCmd(id, "sheaf.invalid/agent-other", "sheaf-b9-amd64-2")
                    .exec();
            assertThat(ours()).hasSize(3);
        }

        try (Engine next = TestEngines.open(address())) {
            assertThat(next.probe().problem()).isEmpty();
        }

        assertThat(ours()).containsExactly("sheaf.invalid/agent-other:sheaf-b9-amd64-2");
        assertThat(names()).contains(Lab.busybox());
        try (DockerClient client = client()) {
            client.removeImageCmd("sheaf.invalid/agent-other:sheaf-b9-amd64-2").exec();
        }
    }

    private static String ownerHash() {
        String digest = dev.sheaf.image.Digest.of(
                        TestEngines.OWNER.name().getBytes(java.nio.charset.StandardCharsets.UTF_8))
                .value();
        return digest.substring("sha256:".length()).substring(0, 12);
    }

    /** Names in the engine that are some agent's. */
    private List<String> ours() throws Exception {
        return names().stream()
                .filter(name -> name.startsWith("sheaf.invalid/") || name.contains(":sheaf-"))
                .toList();
    }

    private List<String> names() throws Exception {
        try (DockerClient client = client()) {
            return client.listImagesCmd().exec().stream()
                    .flatMap(image -> image.getRepoTags() == null ? Stream.of() : Arrays.stream(image.getRepoTags()))
                    .toList();
        }
    }

    private DockerClient client() {
        return DockerSocket.open(
                EngineAddress.parse(address()).path(), Duration.ofSeconds(10), Optional.of(Duration.ofMinutes(1)));
    }
}
