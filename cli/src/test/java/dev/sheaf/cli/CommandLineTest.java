package dev.sheaf.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.SubmitRequest;
import io.grpc.Status;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The program against a coordinator on loopback, over real gRPC. */
@Timeout(60)
final class CommandLineTest {
    @TempDir
    Path directory = Path.of("");

    private FakeCoordinator farm = unset();
    private Terminal terminal = new Terminal(directory);

    private static FakeCoordinator unset() {
        try {
            return new FakeCoordinator();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @BeforeEach
    void start() throws IOException {
        Files.writeString(directory.resolve("Dockerfile"), "FROM scratch\n");
        terminal = new Terminal(directory);
        terminal.environment.put("SHEAF_COORDINATOR", farm.address());
    }

    @AfterEach
    void stop() {
        farm.close();
    }

    @Test
    void build_withFlags_submitsThem() throws IOException {
        farm.add(Events.succeeded());
        terminal.environment.put("FROM_ENV", "e");
        terminal.environment.put("TOKEN", "s3cret");
        Files.writeString(directory.resolve("key"), "k");

        String line =
                "build --platform linux/arm64/v8,linux/x86_64 --platform=linux/arm64 -t app --tag=localhost:5000/a/b:2 --push --build-arg A=b=c,d --build-arg FROM_ENV --build-arg UNSET "
                        + "--label l=v --target final --no-cache --pull=false --secret id=t,env=TOKEN --secret id=k,src=key --provenance --wait 1h30m .";

        int exit = terminal.run(line.split(" "));

        assertThat(terminal.err()).doesNotContain("ERROR", "s3cret");
        assertThat(exit).isZero();
        SubmitRequest request = farm.submitted.getFirst();
        BuildSpec spec = request.getSpec();
        assertThat(spec.getPlatformsList())
                .extracting(p -> p.getOs() + "/" + p.getArchitecture() + p.getVariant())
                .containsExactly("linux/arm64", "linux/amd64");
        assertThat(spec.getTagsList()).containsExactly("docker.io/library/app:latest", "localhost:5000/a/b:2");
        assertThat(spec.getPush()).isTrue();
        assertThat(spec.getBuildArgsMap())
                .containsEntry("A", "b=c,d")
                .containsEntry("FROM_ENV", "e")
                .doesNotContainKey("UNSET");
        assertThat(spec.getLabelsMap()).containsEntry("l", "v");
        assertThat(spec.getTarget()).isEqualTo("final");
        assertThat(spec.getNoCache()).isTrue();
        assertThat(spec.getPull()).isFalse();
        assertThat(spec.getProvenance()).isEqualTo("mode=min");
        assertThat(spec.getWaitForAgents().getSeconds()).isEqualTo(5400);
        assertThat(spec.getTreeDigest()).startsWith("sha256:");
        assertThat(request.getIdempotencyKey()).isNotEmpty();
        assertThat(request.getSecretsList())
                .extracting(s -> s.getId() + "=" + s.getValue().toStringUtf8())
                .containsExactly("t=s3cret", "k=k");
    }

    @Test
    void build_thatSucceeds_writesReportAndFiles() throws IOException {
        farm.add(Events.succeeded());

        int exit = terminal.run(
                "build",
                "-t",
                "registry.example:5000/app:1",
                "--push",
                "--metadata-file",
                "m.json",
                "--iidfile",
                "iid",
                ".");

        assertThat(exit).isZero();
        assertThat(terminal.out())
                .contains("registry.example:5000/app:1@" + Events.INDEX)
                .contains("linux/arm64  built  arm-1  2        4.5s  " + Events.ARM);
        assertThat(directory.resolve("iid")).hasContent(Events.INDEX);
        assertHost(new JsonMapper()
                .readTree(directory.resolve("m.json").toFile())
                .at("/sheaf.build/platforms/linux~1arm64"));
        assertThat(Files.readString(directory.resolve("m.json")))
                .contains("\"containerimage.digest\" : \"" + Events.INDEX)
                .contains("\"containerimage.descriptor\" : {")
                .contains("\"image.name\" : \"registry.example:5000/app:1\"")
                .contains("\"sheaf.build\" : {")
                .contains("\"agent\" : \"arm-1\"")
                .contains("\"attempts\" : 2");
    }

    @Test
    void build_quiet_printsOnlyTheDigest() {
        farm.add(Events.running("linux/arm64", "arm-1", 1));
        farm.add(Events.succeeded());

        assertThat(terminal.run("build", "-q", "-t", "a", "--push", ".")).isZero();

        assertThat(terminal.out()).isEqualTo(Events.INDEX + System.lineSeparator());
        assertThat(terminal.err()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "FAILURE_CLASS_USER, 1",
        "FAILURE_CLASS_VERIFICATION, 65",
        "FAILURE_CLASS_INFRASTRUCTURE, 69",
        "FAILURE_CLASS_CAPACITY, 75",
        "FAILURE_CLASS_REGISTRY, 76",
        "FAILURE_CLASS_AUTHENTICATION, 77"
    })
    void build_thatFails_exitsWithItsClassAndLeavesNoFiles(FailureClass kind, int expected) throws IOException {
        Files.writeString(directory.resolve("iid"), "of an earlier build");
        farm.add(Events.failed(kind));

        int exit = terminal.run("build", "-t", "a", "--push", "--iidfile", "iid", ".");

        assertThat(exit).isEqualTo(expected);
        assertThat(terminal.err()).contains("Dockerfile:2", "   2 | >>> RUN false");
        assertThat(terminal.lastErrorLine()).startsWith("ERROR: linux/arm64: the step RUN false failed");
        assertThat(directory.resolve("iid")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({
        "INVALID_ARGUMENT, 1, no such flag",
        "FAILED_PRECONDITION, 75, no agent proves linux/s390x",
        "RESOURCE_EXHAUSTED, 75, quota",
        "UNAVAILABLE, 69, restarting"
    })
    void build_thatIsRefused_exitsWithTheReason(Status.Code code, int expected, String reason) {
        farm.refusal = Optional.of(code.toStatus().withDescription(reason));

        assertThat(terminal.run("build", ".")).isEqualTo(expected);

        assertThat(terminal.lastErrorLine()).startsWith("ERROR: ").contains(reason);
    }

    @Test
    void build_withoutCoordinator_exitsWith69AndSaysWhatToDo() {
        farm.close();

        assertThat(terminal.run("build", ".")).isEqualTo(69);

        assertThat(terminal.lastErrorLine())
                .startsWith("ERROR: no Sheaf coordinator answers at " + farm.address())
                .contains("SHEAF_COORDINATOR");
    }

    @Test
    void build_withCoordinatorElsewhere_isRefused() {
        assertThat(terminal.run("build", "--coordinator", "farm.example:7420", "."))
                .isEqualTo(1);

        assertThat(farm.submitted).isEmpty();
    }

    @Test
    void build_whenTheConnectionBreaks_watchesFromTheLastEvent() {
        farm.add(Events.running("linux/arm64", "arm-1", 1));
        farm.add(Events.started("linux/arm64", "v1", "[1/2] FROM busybox", 10));
        farm.add(Events.completed("linux/arm64", "v1", "", 11.5));
        farm.add(Events.succeeded());
        farm.breakAfter = 2;

        assertThat(terminal.run("build", "-t", "a", "--push", ".")).isZero();

        // The last event again: it tells whether the log is the same.
        assertThat(farm.watchedFrom).containsExactly(0L, 1L);
        // Brings the credentials and secrets again.
        assertThat(farm.submitted).hasSize(2);
        assertThat(farm.submitted.getLast()).isEqualTo(farm.submitted.getFirst());
        assertThat(terminal.err()).containsOnlyOnce("=> linux/arm64 building on arm-1");
        assertThat(terminal.err())
                .contains("the connection to the coordinator is lost")
                .containsOnlyOnce("#1 DONE 1.5s");
        assertThat(terminal.sleeps).hasSize(1);
    }

    @Test
    void build_whenInterrupted_cancelsAndExitsWith130() throws InterruptedException {
        terminal.stopTime();
        Thread user = Thread.ofVirtual().start(() -> {
            try {
                farm.watching.await();
                terminal.interrupts.getFirst().run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        assertThat(terminal.run("build", ".")).isEqualTo(130);

        user.join();
        assertThat(farm.cancelled).containsExactly("b-1");
        assertThat(terminal.left).isEmpty();
        assertThat(terminal.lastErrorLine()).isEqualTo("ERROR: build b-1 was cancelled");
    }

    @Test
    void build_whenInterruptedTwice_cancelsAndLeavesAtOnce() throws InterruptedException {
        terminal.stopTime();
        Thread user = Thread.ofVirtual().start(() -> {
            try {
                farm.watching.await();
                terminal.interrupts.getFirst().run();
                terminal.interrupts.getFirst().run();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        terminal.run("build", ".");

        user.join();
        assertThat(terminal.left).containsExactly(ExitCode.CANCELLED);
        assertThat(farm.cancelled).containsExactly("b-1");
        assertThat(terminal.err()).containsOnlyOnce("=> cancelling; Ctrl-C again leaves at once");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "--load", "--output=type=local,dest=x", "-o", "-otype=tar", "--cache-to", "--sbom=true", "--ssh",
                "--build-context", "--check", "--annotation", "--allow", "--network=host", "-D", "--squash"
            })
    void build_withFlagOfBuildxThatSheafLacks_isRefusedByName(String flag) {
        assertThat(terminal.run("build", flag, ".")).isEqualTo(1);

        String name = flag.startsWith("--") ? flag.replaceFirst("=.*", "") : flag.substring(0, 2);
        assertThat(terminal.err()).startsWith("ERROR: sheaf build does not have " + name + " yet; ");
        assertThat(terminal.err().lines()).hasSize(1);
        assertThat(farm.submitted).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "build | Missing required parameter",
                "build --nope . | Unknown option",
                "build --push . | --push needs a name",
                "build -t app:-bad . | --tag",
                "build --platform linux . | --platform",
                "build --progress fancy . | --progress fancy",
                "build -q --progress plain . | exclude each other",
                "build --wait soon . | --wait soon",
                "build --build-arg =x . | has no name",
                "build --secret src=x . | needs an id",
                "build --secret id=x,env=NOT_SET . | NOT_SET is not set",
                "build --provenance=maybe . | --provenance=maybe",
                "build --platform linux/arm64,linux/amd64 --iidfile i . | --iidfile",
                "build --detach --iidfile i . | --detach leaves before there is a result",
                "attach zzz | no build has the id zzz",
                "stitch -t app:-bad b-1 | --tag",
                "build --coordinator 127.0.0.1:1,, . | is not a farm address",
                "build a b | \"b\" is one argument too many for sheaf build",
                "build --metadata-file no/such/m.json . | no/such does not exist",
                "build --iidfile / . | is a directory",
                "frobnicate | \"frobnicate\" is no command of sheaf; it has build, plan, check, attach, stitch, builds, show, cancel, agents, users, login, logout",
                "builds --format xml | \"xml\" is none of table, json",
                "builds --limit 0 | --limit 0",
                "show zzz | no build has the id zzz"
            })
    void mistake_inTheCommandLine_isOneLineAndExit1(String line, String said) {
        assertThat(terminal.run(line.split(" "))).isEqualTo(1);

        assertThat(terminal.err()).startsWith("ERROR: ").contains(said);
        assertThat(terminal.err().lines()).hasSize(1);
        assertThat(farm.submitted).isEmpty();
    }

    @Test
    void show_ofABuild_printsItsResult() {
        farm.add(Events.succeeded());

        assertThat(terminal.run("show", "b-")).isZero();

        assertThat(terminal.out()).contains("b-1", "succeeded", Events.INDEX, "arm-1");
        assertThat(terminal.out().lines().toList())
                .endsWith(
                        "",
                        "PLATFORM     RUN       HOST                                ENGINE",
                        "linux/arm64  natively  aarch64, Linux 6.12.9, Neoverse N1  Docker Engine 29.9.0 (containerd"
                                + " store), BuildKit (version not stated)");
    }

    @Test
    void show_asJson_isWhatScriptsRead() throws IOException {
        farm.add(Events.succeeded());

        assertThat(terminal.run("show", "--format", "json", "b-")).isZero();

        JsonNode build = new JsonMapper().readTree(terminal.out());
        assertThat(build.get("state").asText()).isEqualTo("succeeded");
        assertThat(build.get("digest").asText()).isEqualTo(Events.INDEX);
        JsonNode slice = build.get("platforms").get("linux/arm64");
        assertThat(slice.get("agent").asText()).isEqualTo("arm-1");
        assertThat(slice.get("emulated").asBoolean(true)).isFalse();
        assertHost(slice);
    }

    private static void assertHost(JsonNode node) throws IOException {
        assertThat(node.get("host")).isEqualTo(new JsonMapper().readTree("""
                {"machine": "aarch64", "kernel": "Linux 6.12.9", "cpu": "Neoverse N1"}"""));
        // What is not known is left out.
        assertThat(node.get("engine")).isEqualTo(new JsonMapper().readTree("""
                {"description": "Docker Engine 29.9.0 (containerd store), BuildKit (version not stated)",
                 "docker": "29.9.0"}"""));
    }

    @Test
    void agents_asJson_isOneObjectALine() throws IOException {
        assertThat(terminal.run("agents", "--format", "json")).isZero();

        JsonNode agent =
                new JsonMapper().readTree(terminal.out().lines().findFirst().orElse(""));
        assertThat(agent.get("name").asText()).contains("arm-1");
        assertThat(agent.get("slots").asInt()).isEqualTo(2);
        assertThat(agent.get("version").asText()).isEqualTo("0.1.0");
        assertHost(agent);
    }

    @Test
    void agents_withControlSequencesInTheirNames_arePrintedWithout() {
        assertThat(terminal.run("agents")).isZero();

        assertThat(terminal.out())
                .contains("arm-1", "lost", "0/2", "Docker Engine 29.9.0", "aarch64, Linux 6.12.9")
                .doesNotContain("\u001b", "owned");
    }

    @Test
    void help_isOnStandardOutputWithExamples() {
        assertThat(terminal.run("build", "--help")).isZero();
        assertThat(terminal.run("--help")).isZero();

        assertThat(terminal.out()).contains("Examples:", "--platform", "--metadata-file", "agents");
    }
}
