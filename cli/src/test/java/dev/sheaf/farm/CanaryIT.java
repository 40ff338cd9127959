package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a build brings that is secret stays in memory: strings that occur nowhere else are looked for everywhere. */
@Tag("lab")
final class CanaryIT {
    private static final String USER = "ann";

    private final String password = canary();
    private final String secret = canary();
    private final String identity = canary();

    /** All that the programs may write: data, output, caches, temporary files. */
    @TempDir
    private Path written;

    /** What the user gives them. */
    @TempDir
    private Path given;

    private Farm farm;
    private Path secretFile;

    @BeforeEach
    void startFarm() throws Exception {
        Path temporary = Files.createDirectory(written.resolve("tmp"));
        Path logback = Files.writeString(given.resolve("debug.xml"), """
                <configuration>
                  <appender name="STDERR" class="ch.qos.logback.core.ConsoleAppender">
                    <target>System.err</target>
                    <encoder><pattern>%level %logger %msg%n</pattern></encoder>
                  </appender>
                  <root level="DEBUG"><appender-ref ref="STDERR"/></root>
                </configuration>
                """);
        farm = Farm.start(
                written,
                Map.of(
                        "SHEAF_JVM_OPTS",
                        "-Dlogback.configurationFile=" + logback + " -Djava.io.tmpdir=" + temporary,
                        "TMPDIR",
                        temporary.toString()));
        farm.agent("amd64-1", "linux/amd64");
        secretFile = Files.writeString(given.resolve("secret"), secret);
    }

    @AfterEach
    void stopFarm() {
        farm.close();
    }

    @Test
    void build_passwordTokenAndSecret_areNowhereOutsideOfMemory() throws Exception {
        try (LockedRegistry registry = LockedRegistry.start("--htpasswd", USER + ":" + password)) {
            List<String> good = build(
                    registry, "RUN --mount=type=secret,id=canary echo started; sleep 3; test -s /run/secrets/canary");
            try (Program build = farm.start(login(registry), good.toArray(String[]::new))) {
                build.awaitLine(Pattern.compile("(?m)started$"), Duration.ofSeconds(60));
                assertThat(processesWithCanaries()).isEmpty();
                assertThat(build.await(Duration.ofMinutes(1))).as(build.err()).isZero();
            }
            List<String> failing =
                    build(registry, "RUN --mount=type=secret,id=canary echo failing; test ! -s /run/secrets/canary");
            assertThat(farm.run(login(registry), failing.toArray(String[]::new)).exitCode())
                    .isEqualTo(1);
        }
        for (String id : builds()) {
            assertThat(canariesIn(farm.run("show", "--logs", id).all())).isEmpty();
        }
        assertThat(filesWithCanaries(written)).isEmpty();
    }

    @Test
    void build_passwordThatIsRefused_isNowhereOutsideOfMemory() throws Exception {
        try (LockedRegistry registry = LockedRegistry.start("--htpasswd", USER + ":another")) {
            List<String> arguments = build(registry, "ENV A=1");
            assertThat(farm.run(login(registry), arguments.toArray(String[]::new))
                            .exitCode())
                    .isEqualTo(77);
        }
        assertThat(filesWithCanaries(written)).isEmpty();
    }

    @Test
    void search_findsWhatIsThere() throws Exception {
        Path file = Files.writeString(given.resolve("found"), "x" + base64(USER + ":" + password) + "y");
        assertThat(filesWithCanaries(given)).contains(file.toString(), secretFile.toString());
        ProcessBuilder leaking = new ProcessBuilder("sleep", "60");
        leaking.environment().put("LEAK", identity);
        Process process = leaking.start();
        try {
            assertThat(processesWithCanaries()).isNotEmpty();
        } finally {
            process.destroyForcibly().waitFor();
        }
    }

    private List<String> build(LockedRegistry registry, String step) throws IOException {
        String name = registry.address() + "/canary/app:1";
        String dockerfile = "FROM " + Lab.busybox() + "\nARG MIRROR\n" + step + "\n";
        return List.of(
                "build",
                "--progress",
                "plain",
                "--platform",
                "linux/amd64",
                "--secret",
                "id=canary,src=" + secretFile,
                // Names the registry that the identity token is for.
                "--build-arg",
                "MIRROR=127.0.0.1:9/mirror",
                "--metadata-file",
                written.resolve("metadata.json").toString(),
                "-t",
                name,
                "--push",
                farm.context("Dockerfile", dockerfile).toString());
    }

    private Map<String, String> login(LockedRegistry registry) throws IOException {
        Path configuration = Files.createTempDirectory(given, "docker");
        Files.writeString(configuration.resolve("config.json"), """
                {"auths":{"%s":{"auth":"%s"},"127.0.0.1:9":{"identitytoken":"%s"}}}
                """.formatted(
                        registry.address(), base64(USER + ":" + password), identity));
        return Map.of("DOCKER_CONFIG", configuration.toString());
    }

    private List<String> builds() {
        List<String> ids = farm.run("builds")
                .out()
                .lines()
                .skip(1)
                .map(line -> line.substring(0, line.indexOf(" ")))
                .toList();
        assertThat(ids).hasSize(2);
        return ids;
    }

    private List<String> filesWithCanaries(Path directory) throws IOException {
        List<String> found = new ArrayList<>();
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                if (!canariesIn(Files.readString(file, StandardCharsets.ISO_8859_1))
                        .isEmpty()) {
                    found.add(file.toString());
                }
            }
        }
        return found;
    }

    /** Command lines and environments of all processes of this machine. */
    private List<String> processesWithCanaries() throws IOException {
        List<String> found = new ArrayList<>();
        try (var processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                for (String name : List.of("cmdline", "environ")) {
                    String text;
                    try {
                        text = Files.readString(process.resolve(name), StandardCharsets.ISO_8859_1);
                    } catch (IOException e) {
                        continue; // it has ended
                    }
                    if (!canariesIn(text).isEmpty()) {
                        found.add(process.resolve(name) + ": " + text);
                    }
                }
            }
        }
        return found;
    }

    /** The canaries in a text, as they are and as registries are told them. */
    private List<String> canariesIn(String text) {
        return Stream.of(password, secret, identity, base64(USER + ":" + password), base64(identity), base64(secret))
                .filter(text::contains)
                .toList();
    }

    private static String canary() {
        return "canary-" + UUID.randomUUID();
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
