package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.sheaf.architecture.Lab;
import dev.sheaf.faults.oracle.TagReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

/**
 * Every kind of context that the command line takes, built for two platforms on one farm: what the images say when
 * they run, and what one hears of contexts that are no good.
 */
@Tag("lab")
final class ContextKindsIT {
    private static final String BOTH = "linux/amd64,linux/386";

    /** Engines keep what they built: a context of an earlier run must not pass for this one's. */
    private static final String RUN = Long.toString(System.nanoTime(), 36);

    @TempDir
    private static Path directory;

    private static Path served;
    private static Farm farm;
    private static ContextServer server;

    @BeforeAll
    static void start() throws Exception {
        Lab.registry();
        served = Files.createDirectory(directory.resolve("served"));
        server = ContextServer.start(served);
        farm = Farm.start(directory);
        farm.agent("amd64-1", "linux/amd64");
        farm.agent("386-1", "linux/386");
    }

    @AfterAll
    static void stop() {
        if (server != null) {
            server.close();
        }
        if (farm != null) {
            farm.close();
        }
    }

    @Test
    void gitOverHttp_tagAndDirectoryOfABranch() throws Exception {
        repository();

        says("tagged " + RUN, build("git-tag", server.url("app.git") + "#v1"), "git-tag");
        says("below " + RUN, build("git-below", server.url("app.git") + "#main:below"), "git-below");
    }

    @Test
    void gitProtocol_defaultBranch() throws Exception {
        repository();
        int port = freePort();
        try (Program daemon = Program.start(
                directory,
                "git-daemon",
                List.of(
                        "git",
                        "daemon",
                        "--listen=127.0.0.1",
                        "--port=" + port,
                        "--export-all",
                        "--base-path=" + served),
                Map.of())) {
            Program.await("git daemon listens", Duration.ofSeconds(30), () -> listens(port));

            says("latest " + RUN, build("git-daemon", "git://127.0.0.1:" + port + "/app.git"), "git-daemon");
            assertThat(daemon.isAlive()).isTrue();
        }
    }

    @Test
    void archiveOverHttp_isDownloadedOnceForBothPlatforms() throws Exception {
        Files.write(served.resolve("context.tar.gz"), packed("tar.gz", archive("downloaded " + RUN)));

        says("downloaded " + RUN, build("http-archive", server.url("context.tar.gz")), "http-archive");
        assertThat(server.downloads("context.tar.gz")).isEqualTo(1);
    }

    @Test
    void dockerfileOverHttp_aloneAndForADirectory() throws Exception {
        Files.writeString(served.resolve("Alone.Dockerfile"), dockerfile("RUN echo alone " + RUN + " > /said\n"));
        Files.writeString(served.resolve("Copying.Dockerfile"), dockerfile("COPY words /said\n"));
        Path words = farm.context("words", "by URL " + RUN, "Dockerfile", "FROM scratch\nRUN is-not-this-one\n");

        says("alone " + RUN, build("http-alone", server.url("Alone.Dockerfile")), "http-alone");
        says(
                "by URL " + RUN,
                build("http-file", "-f", server.url("Copying.Dockerfile"), words.toString()),
                "http-file");
    }

    @Test
    void dockerfileOnStandardInput_aloneAndForADirectory() throws Exception {
        Path alone = file(dockerfile("RUN echo typed " + RUN + " > /said\n").getBytes(StandardCharsets.UTF_8));
        Path copying = file(dockerfile("COPY words /said\n").getBytes(StandardCharsets.UTF_8));
        Path words = farm.context("words", "piped " + RUN, "Dockerfile", "FROM scratch\nRUN is-not-this-one\n");

        says("typed " + RUN, buildWith(alone, "stdin-alone", "-"), "stdin-alone");
        says("piped " + RUN, buildWith(copying, "stdin-file", "-f", "-", words.toString()), "stdin-file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"tar", "tar.gz", "tar.bz2", "tar.xz", "tar.zst"})
    void archiveOnStandardInput(String form) throws Exception {
        String said = form + " " + RUN;
        String name = "stdin-" + form.replace('.', '-');

        says(said, buildWith(file(packed(form, archive(said))), name, "-"), name);
    }

    @Test
    void archiveOnStandardInput_dockerfileNamedWithinIt() throws Exception {
        byte[] archive = tar("deep/My.Dockerfile", dockerfile("COPY said /said\n"), "said", "named " + RUN);

        says("named " + RUN, buildWith(file(archive), "stdin-named", "-f", "deep/My.Dockerfile", "-"), "stdin-named");
    }

    @Test
    void gitThatDoesNotExist_isOneLine() throws Exception {
        repository();

        refused(
                build("no-ref", server.url("app.git") + "#nope"),
                server.url("app.git") + " has no branch or tag \"nope\"");
        refused(
                build("no-repository", server.url("gone.git")),
                "cannot read the references of " + server.url("gone.git"));
        // Only the engine finds out.
        Farm.Result noDirectory = build("no-directory", server.url("app.git") + "#main:nowhere");
        refused(noDirectory, "nowhere");
    }

    @Test
    void nothingToDownload_isOneLine() throws Exception {
        String gone = server.url("gone.tar.gz");
        String nobody = "http://127.0.0.1:" + freePort() + "/context.tar";
        Files.writeString(served.resolve("page.html"), "<html>\0</html>");

        refused(build("gone", gone), "cannot download " + gone + ": the server answered 404");
        refused(build("nobody", nobody), "cannot download " + nobody + ": Connection refused");
        refused(build("page", server.url("page.html")), "neither a tar archive (plain, gzip, bzip2, xz or zstd) nor a");
        refused(
                build("gone-file", "-f", gone, farm.context("a", "a").toString()),
                "cannot download " + gone + ": the server answered 404");
    }

    @Test
    void standardInputThatIsNoGood_isOneLine() throws Exception {
        byte[] whole = packed("tar.gz", archive("never"));

        refused(
                buildWith(file(Arrays.copyOf(whole, whole.length / 2)), "cut", "-"),
                "cannot read the context -: the archive is damaged or cut short");
        refused(buildWith(file(new byte[0]), "empty", "-"), "the input is empty");
    }

    /** The tag names both platforms, and on each the image says so when it runs. */
    private static void says(String words, Farm.Result result, String name) throws Exception {
        assertThat(result.exitCode()).as(result.all()).isZero();
        assertThat(TagReader.read(image(name), Lab.registry()).orElseThrow().platforms())
                .containsOnlyKeys("linux/amd64", "linux/386");
        assertThat(Docker.run("linux/amd64", image(name))).isEqualTo("amd64: " + words);
        assertThat(Docker.run("linux/386", image(name))).isEqualTo("386: " + words);
    }

    private static void refused(Farm.Result result, String... words) {
        assertThat(result.exitCode()).as(result.all()).isEqualTo(1);
        assertThat(result.err().lines().filter(line -> line.startsWith("ERROR: ")))
                .as(result.all())
                .singleElement()
                .asString()
                .contains(words);
        assertThat(result.all()).doesNotContain("\tat ", "Exception");
    }

    private static Farm.Result build(String name, String... context) {
        return farm.run(arguments(name, context));
    }

    private static Farm.Result buildWith(Path input, String name, String... context) {
        return farm.runWith(input, arguments(name, context));
    }

    private static String[] arguments(String name, String... context) {
        return Stream.concat(
                        Stream.of("build", "--progress", "plain", "--platform", BOTH, "-t", image(name), "--push"),
                        Stream.of(context))
                .toArray(String[]::new);
    }

    private static String image(String name) {
        return Lab.registry() + "/it/kinds-" + name + ":" + RUN;
    }

    /** An image that says its architecture and what a step has put into /said. */
    private static String dockerfile(String step) {
        return "FROM " + Lab.busybox() + "\nARG TARGETARCH\n" + step
                + "RUN echo \"$TARGETARCH: $(cat /said)\" > /result\nCMD [\"cat\", \"/result\"]\n";
    }

    private static byte[] archive(String said) throws IOException {
        return tar("Dockerfile", dockerfile("COPY said /said\n"), "said", said);
    }

    /** Pairs of a path and its content. */
    private static byte[] tar(String... pathsAndContents) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            for (int i = 0; i < pathsAndContents.length; i += 2) {
                byte[] content = pathsAndContents[i + 1].getBytes(StandardCharsets.UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry(pathsAndContents[i]);
                entry.setSize(content.length);
                tar.putArchiveEntry(entry);
                tar.write(content);
                tar.closeArchiveEntry();
            }
        }
        return bytes.toByteArray();
    }

    private static byte[] packed(String form, byte[] tar) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream packing = switch (form) {
            case "tar" -> bytes;
            case "tar.gz" -> new GZIPOutputStream(bytes);
            case "tar.bz2" -> new BZip2CompressorOutputStream(bytes);
            case "tar.xz" -> new XZOutputStream(bytes, new LZMA2Options());
            case "tar.zst" -> new ZstdOutputStreamNoFinalizer(bytes);
            default -> throw new IllegalArgumentException(form);
        }) {
            packing.write(tar);
        }
        return bytes.toByteArray();
    }

    private static Path file(byte[] content) throws IOException {
        return Files.write(Files.createTempFile(directory, "input", ""), content);
    }

    /** app.git, which holds the tag v1, a later commit on main, and another context below. */
    private static synchronized void repository() throws Exception {
        if (Files.exists(served.resolve("app.git"))) {
            return;
        }
        Path work = farm.context(
                "Dockerfile",
                dockerfile("COPY said /said\n"),
                "said",
                "tagged " + RUN,
                "below/Dockerfile",
                dockerfile("COPY said /said\n"),
                "below/said",
                "below " + RUN);
        Git.run(work, "init", "-q", "-b", "main");
        Git.run(work, "add", ".");
        Git.run(work, "commit", "-q", "-m", "first");
        Git.run(work, "tag", "-a", "-m", "a tag that is an object of its own", "v1");
        Files.writeString(work.resolve("said"), "latest " + RUN);
        Git.run(work, "commit", "-q", "-a", "-m", "second");
        Git.run(work, "clone", "-q", "--bare", ".", served.resolve("app.git").toString());
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }
}
