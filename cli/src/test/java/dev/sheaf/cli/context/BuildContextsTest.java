package dev.sheaf.cli.context;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.ZstdOutputStreamNoFinalizer;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.FileEntry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.zip.GZIPOutputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tukaani.xz.LZMA2Options;
import org.tukaani.xz.XZOutputStream;

final class BuildContextsTest {
    private static final InstantSource FAR_AHEAD = InstantSource.fixed(Instant.parse("2100-01-01T00:00:00Z"));

    @TempDir
    Path root;

    private Path project;

    @BeforeEach
    void createProject() throws IOException {
        project = Files.createDirectory(root.resolve("project"));
        write("Dockerfile", "FROM scratch\nCOPY . .\n");
    }

    private void write(String path, String text) throws IOException {
        Path file = project.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, text);
    }

    private BuildContexts contexts(byte[] stdin, Map<String, String> variables) {
        return new BuildContexts(
                new ContextEnvironment(root, root, variables, new ByteArrayInputStream(stdin), FAR_AHEAD));
    }

    private TreeContext load(String source, String dockerfile, byte[] stdin)
            throws ContextException, InterruptedException {
        Optional<String> file = Optional.of(dockerfile).filter(name -> !name.isEmpty());
        return (TreeContext) contexts(stdin, Map.of()).load(new ContextRequest(source, file, ""));
    }

    private TreeContext loadWith(ServerSocketChannel socket, String name) throws Exception {
        socket.bind(UnixDomainSocketAddress.of(project.resolve(name)));
        return load("project", "", new byte[0]);
    }

    private static List<String> paths(TreeContext context) {
        return context.tree().getEntriesList().stream().map(FileEntry::getPath).toList();
    }

    private static String content(TreeContext context, FileEntry entry) throws IOException {
        try (InputStream in = context.blob(entry.getDigest()).orElseThrow().open()) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    @Test
    void load_directory_listsWithoutIgnored() throws Exception {
        write(".dockerignore", "*\n!src\nsrc/*.o\n");
        write("src/a.c", "int a;");
        write("src/a.o", "object");
        write("node_modules/x/y", "much");
        Files.createSymbolicLink(project.resolve("src/link"), Path.of("../a b"));
        Files.setPosixFilePermissions(project.resolve("src/a.c"), PosixFilePermissions.fromString("rwxr-x---"));
        Files.setLastModifiedTime(
                project.resolve("src/a.c"), FileTime.from(Instant.ofEpochSecond(1_000_000_000, 123_456_789)));
        try (TreeContext context = load("project", "", new byte[0])) {
            assertThat(paths(context)).containsExactly(".dockerignore", "src", "src/a.c", "src/link");
            FileEntry source = context.tree().getEntries(2);
            assertThat(source.getMode()).isEqualTo(0750);
            assertThat(source.getSize()).isEqualTo(6);
            assertThat(source.getModifiedNanos()).isEqualTo(1_000_000_000_123_456_789L);
            assertThat(content(context, source)).isEqualTo("int a;");
            assertThat(context.tree().getEntries(1).getMode() & 0x8000_0000).isNotZero();
            assertThat(context.tree().getEntries(3).getLinkTarget()).isEqualTo("../a b");
            assertThat(context.tree().getEntries(3).getMode() & 0x0800_0000).isNotZero();
            assertThat(context.tree().getDockerfileEntries(0).getPath()).isEqualTo("Dockerfile");
            assertThat(context.dockerfileText()).startsWith("FROM scratch");
        }
    }

    @Test
    void load_again_isTheSameTreeFromTheCache() throws Exception {
        write("a", "one");
        String first = load("project", "", new byte[0]).treeDigest();
        assertThat(root.resolve(".cache/sheaf/digests")).isNotEmptyDirectory();
        assertThat(load("project", "", new byte[0]).treeDigest()).isEqualTo(first);
        FileTime before = Files.getLastModifiedTime(project.resolve("a"));
        Files.writeString(project.resolve("a"), "two");
        Files.setLastModifiedTime(project.resolve("a"), before);
        assertThat(load("project", "", new byte[0]).treeDigest()).isNotEqualTo(first);
    }

    @Test
    void load_ownIgnoreFile_takesThePlaceOfTheCommonOne() throws Exception {
        write(".dockerignore", "a\n");
        write("a", "");
        write("b", "");
        Path outside = Files.createDirectory(root.resolve("outside"));
        Files.writeString(outside.resolve("my.df"), "FROM scratch\n");
        Files.writeString(outside.resolve("my.df.dockerignore"), "b\n");
        try (TreeContext context = load("project", "outside/my.df", new byte[0])) {
            assertThat(paths(context)).containsExactly(".dockerignore", "Dockerfile", "a");
            assertThat(context.tree().getDockerfileEntriesList().stream().map(FileEntry::getPath))
                    .containsExactly("my.df", "my.df.dockerignore");
            BuildSpec.Builder spec = BuildSpec.newBuilder();
            context.describeIn(spec);
            assertThat(spec.getDockerfile()).isEqualTo("my.df");
            assertThat(spec.getTreeDigest()).isEqualTo(context.treeDigest());
        }
    }

    @Test
    void load_pipeHardLinkAndSocket_areAsBuildKitHasThem() throws Exception {
        write("one", "text");
        Files.createLink(project.resolve("two"), project.resolve("one"));
        Process mkfifo = new ProcessBuilder("mkfifo", project.resolve("pipe").toString()).start();
        assertThat(mkfifo.waitFor()).isZero();
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
                TreeContext context = loadWith(socket, "socket")) {
            assertThat(paths(context)).containsExactly("Dockerfile", "one", "pipe", "socket", "two");
            assertThat(content(context, context.tree().getEntries(3))).isEmpty();
            assertThat(context.tree().getEntries(3).getMode() & ~0777).isZero();
            assertThat(context.tree().getEntries(2).getMode() & 0x0200_0000).isNotZero();
            assertThat(context.tree().getEntries(1).getHardLink()).isEmpty();
            assertThat(context.tree().getEntries(4).getHardLink()).isEqualTo("one");
        }
    }

    @Test
    void load_noDockerfileOrContext_isOneLine() throws Exception {
        Files.delete(project.resolve("Dockerfile"));
        assertThatThrownBy(() -> load("project", "", new byte[0]))
                .isInstanceOf(ContextException.class)
                .hasMessageContaining("there is no Dockerfile at");
        assertThatThrownBy(() -> load("nowhere", "", new byte[0])).hasMessageContaining("nowhere does not exist");
        assertThatThrownBy(() -> load("-", "-", new byte[0])).hasMessageContaining("only one can be standard input");
        assertThatThrownBy(() -> load("https://user:secret@example.com/a.git", "", new byte[0]))
                .hasMessageContaining("--secret")
                .hasMessageNotContaining("secret@");
    }

    @Test
    void load_dockerfileFromStdin_isItsText() throws Exception {
        byte[] text = "FROM busybox\n".getBytes(StandardCharsets.UTF_8);
        assertThat(load("-", "", text).dockerfileText()).isEqualTo("FROM busybox\n");
        try (TreeContext context = load("project", "-", text)) {
            assertThat(context.dockerfileText()).isEqualTo("FROM busybox\n");
            assertThat(paths(context)).containsExactly("Dockerfile");
        }
    }

    @Test
    void load_compressedTar_holdsItsFiles() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(new GZIPOutputStream(bytes))) {
            add(tar, "./Dockerfile", "FROM scratch\n");
            add(tar, "src/a.c", "same");
            add(tar, "src/b.c", "same");
            add(tar, "src/c.o", "ignored");
            add(tar, ".dockerignore", "**/*.o\n");
            TarArchiveEntry hard = new TarArchiveEntry("hard", TarConstants.LF_LINK);
            hard.setLinkName("src/a.c");
            tar.putArchiveEntry(hard);
            tar.closeArchiveEntry();
            TarArchiveEntry soft = new TarArchiveEntry("soft", TarConstants.LF_SYMLINK);
            soft.setLinkName("src");
            tar.putArchiveEntry(soft);
            tar.closeArchiveEntry();
        }
        try (TreeContext context = load("-", "", bytes.toByteArray())) {
            assertThat(paths(context))
                    .containsExactly(".dockerignore", "Dockerfile", "hard", "soft", "src", "src/a.c", "src/b.c");
            assertThat(content(context, context.tree().getEntries(2))).isEqualTo("same");
            assertThat(content(context, context.tree().getEntries(6))).isEqualTo("same");
        }
    }

    @Test
    void load_zstdTar_holdsItsFiles() throws Exception {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(plain)) {
            add(tar, "Dockerfile", "FROM scratch\n");
            add(tar, "big", "0123456789".repeat(100_000));
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream zstd = new ZstdOutputStreamNoFinalizer(bytes)) {
            zstd.write(plain.toByteArray());
        }
        try (TreeContext context = load("-", "", bytes.toByteArray())) {
            assertThat(paths(context)).containsExactly("Dockerfile", "big");
            assertThat(content(context, context.tree().getEntries(1))).hasSize(1_000_000);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"tar", "gz", "bz2", "xz", "zst"})
    void load_archiveThatIsCutOrDamaged_saysSoInOneLine(String form) throws Exception {
        ByteArrayOutputStream plain = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(plain)) {
            add(tar, "Dockerfile", "FROM scratch\n");
            // Printable noise, which no packing makes much smaller.
            add(
                    tar,
                    "noise",
                    new Random(1)
                            .ints(200_000, ' ', '~')
                            .mapToObj(Character::toString)
                            .collect(joining()));
        }
        byte[] whole = packed(form, plain.toByteArray());
        byte[] damaged = whole.clone();
        for (int at = damaged.length / 2; at < damaged.length; at++) {
            damaged[at] ^= 0x5a;
        }

        load("-", "", whole).close();
        for (byte[] broken : List.of(damaged, Arrays.copyOf(whole, whole.length / 2), Arrays.copyOf(whole, 1_000))) {
            assertThatThrownBy(() -> load("-", "", broken))
                    .isInstanceOf(ContextException.class)
                    .hasMessageMatching(
                            "cannot read the context -: the archive is damaged or cut short \\(.+\\); make it again");
        }
    }

    private static byte[] packed(String form, byte[] tar) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream packing = switch (form) {
            case "gz" -> new GZIPOutputStream(bytes);
            case "bz2" -> new BZip2CompressorOutputStream(bytes);
            case "xz" -> new XZOutputStream(bytes, new LZMA2Options());
            case "zst" -> new ZstdOutputStreamNoFinalizer(bytes);
            default -> bytes;
        }) {
            packing.write(tar);
        }
        return bytes.toByteArray();
    }

    @Test
    void load_namesThatAreNotUtf8_areNamed() throws Exception {
        Process shell = new ProcessBuilder("sh", "-c", "touch \"$(printf 'bad\\377')\"")
                .directory(project.toFile())
                .start();
        assertThat(shell.waitFor()).isZero();
        assertThatThrownBy(() -> load("project", "", new byte[0]))
                .hasMessageContaining("is not UTF-8")
                .hasMessageContaining("bad");
        write(".dockerignore", "bad*\n");
        try (TreeContext context = load("project", "", new byte[0])) {
            assertThat(paths(context)).containsExactly(".dockerignore", "Dockerfile");
        }
    }

    @Test
    void load_privateGit_tokenTravelsInTheEnvironmentForItsHostOnly() throws Exception {
        Path bin = Files.createDirectory(root.resolve("bin"));
        String commit = "0123456789012345678901234567890123456789";
        Files.writeString(bin.resolve("git"), """
                #!/bin/sh
                echo "$@" >> LOG
                case "$GIT_CONFIG_KEY_1 $GIT_CONFIG_VALUE_1" in
                "http.https://git.example.com/.extraheader Authorization: basic eC1hY2Nlc3MtdG9rZW46c2VjcmV0")
                    printf '%s\\tHEAD\\n' COMMIT ;;
                *) echo "fatal: could not read Username for 'https://git.example.com'" >&2; exit 128 ;;
                esac
                """.replace("COMMIT", commit)
                .replace("LOG", root.resolve("log").toString()));
        Files.setPosixFilePermissions(bin.resolve("git"), PosixFilePermissions.fromString("rwxr-xr-x"));
        BuildContexts contexts = contexts(new byte[0], Map.of("PATH", bin.toString()));
        String url = "https://git.example.com/a.git";
        BuildContext context =
                contexts.load(new ContextRequest(url, Optional.empty(), "", Map.of("GIT_AUTH_TOKEN", "secret")));
        assertThat(context.describe()).isEqualTo(url + "#" + commit);
        assertThat(root.resolve("log")).content().doesNotContain("secret", "eC1");
        assertThatThrownBy(() -> contexts.load(new ContextRequest(url, Optional.empty(), "")))
                .hasMessage(url + " wants a login; give a token with --secret id=GIT_AUTH_TOKEN,env=NAME");
        assertThatThrownBy(() ->
                        contexts.load(new ContextRequest(url, Optional.empty(), "", Map.of("GIT_AUTH_TOKEN", "other"))))
                .hasMessage(url + " refuses the token of --secret GIT_AUTH_TOKEN")
                .hasMessageNotContaining("other");
        assertThatThrownBy(() -> contexts.load(new ContextRequest("git@example.com:a.git", Optional.empty(), "")))
                .hasMessageContaining("--ssh");
    }

    @Test
    void load_tarThatLeavesTheContext_isRefused() throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (TarArchiveOutputStream tar = new TarArchiveOutputStream(bytes)) {
            add(tar, "../evil", "x");
        }
        assertThatThrownBy(() -> load("-", "", bytes.toByteArray())).hasMessageContaining("..");
    }

    @Test
    void load_gitReference_isPinnedToItsCommit() throws Exception {
        Path bin = Files.createDirectory(root.resolve("bin"));
        String commit = "0123456789012345678901234567890123456789";
        Files.writeString(bin.resolve("git"), """
                #!/bin/sh
                case "$4" in
                  v1) printf '%s\\trefs/tags/v1\\n' ffffffffffffffffffffffffffffffffffffffff
                      printf '%s\\trefs/tags/v1^{}\\n' COMMIT ;;
                  gone) : ;;
                  *) echo 'fatal: no' >&2; exit 128 ;;
                esac
                """.replace("COMMIT", commit));
        Files.setPosixFilePermissions(bin.resolve("git"), PosixFilePermissions.fromString("rwxr-xr-x"));
        BuildContexts contexts = contexts(new byte[0], Map.of("PATH", bin.toString()));
        String url = "https://git.example.com/a.git";
        BuildContext context = contexts.load(new ContextRequest(url + "#v1:sub", Optional.empty(), ""));
        BuildSpec.Builder spec = BuildSpec.newBuilder();
        context.describeIn(spec);
        assertThat(spec.getUrl()).isEqualTo(url + "#" + commit + ":sub");
        assertThatThrownBy(() -> contexts.load(new ContextRequest(url + "#gone", Optional.empty(), "")))
                .hasMessageContaining("no branch or tag \"gone\"");
        assertThatThrownBy(() -> contexts.load(new ContextRequest(url, Optional.empty(), "")))
                .hasMessageContaining("fatal: no");
        assertThatThrownBy(() -> contexts(new byte[0], Map.of()).load(new ContextRequest(url, Optional.empty(), "")))
                .hasMessageContaining("git is not on the PATH");
    }

    private static void add(TarArchiveOutputStream tar, String name, String text) throws IOException {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        TarArchiveEntry entry = new TarArchiveEntry(name, true);
        entry.setSize(bytes.length);
        tar.putArchiveEntry(entry);
        tar.write(bytes);
        tar.closeArchiveEntry();
    }
}
