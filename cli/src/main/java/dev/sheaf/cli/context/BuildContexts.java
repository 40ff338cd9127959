package dev.sheaf.cli.context;

import dev.sheaf.cli.context.TreeContext.Blob;
import dev.sheaf.cli.context.TreeContext.Identity;
import dev.sheaf.context.ContextPaths;
import dev.sheaf.context.IgnorePatterns;
import dev.sheaf.context.InvalidPatternException;
import dev.sheaf.context.TreeFilter;
import dev.sheaf.image.Digest;
import dev.sheaf.v1.FileEntry;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Finds the context that a build command names. */
public final class BuildContexts {
    /** A Dockerfile or ignore file beyond this is a mistake. */
    static final int MAX_TEXT_BYTES = 4 << 20;

    private static final String DOCKERFILE = "Dockerfile";

    private final ContextEnvironment environment;

    /** Contexts as seen from this environment. */
    public BuildContexts(ContextEnvironment environment) {
        this.environment = environment;
    }

    /** Lists and hashes a directory, reads an archive, or pins a URL. */
    public BuildContext load(ContextRequest request) throws ContextException, InterruptedException {
        if (request.contextFromStdin() && request.dockerfileFromStdin()) {
            throw new ContextException("both the context and the Dockerfile are \"-\"; only one can be standard input");
        }
        try {
            if (request.contextFromStdin()) {
                return stream(environment.stdin(), "standard input", request);
            }
            Path directory = environment.workingDirectory().resolve(request.source());
            if (Files.isDirectory(directory)) {
                return directory(directory.toRealPath(), request);
            }
            if (SourceUrl.isUrl(request.source())) {
                return url(SourceUrl.parse(request.source()), request);
            }
            String found = Files.exists(directory) ? "is no directory" : "does not exist";
            throw new ContextException("the context " + request.source() + " " + found
                    + "; give a directory, a URL, or - for standard input");
        } catch (InvalidPatternException e) {
            throw new ContextException("the ignore file cannot be used: " + e.getMessage());
        } catch (IOException e) {
            throw ContextException.of("cannot read the context " + request.source(), e);
        }
    }

    private BuildContext url(SourceUrl url, ContextRequest request)
            throws ContextException, IOException, InterruptedException {
        if (!url.isGit()) {
            try (InputStream in = url.open()) {
                return stream(in, url.address(), request);
            }
        }
        if (request.dockerfileFromStdin()) {
            throw new ContextException("a Dockerfile from standard input does not go together with a git context");
        }
        return new RemoteContext(
                url.pinned(environment.variables(), request.gitSecrets()),
                request.dockerfile().orElse(""));
    }

    private TreeContext directory(Path root, ContextRequest request)
            throws ContextException, IOException, InterruptedException {
        TreeContext.Builder context = new TreeContext.Builder();
        List<FileEntry> dockerfiles = new ArrayList<>();
        String name = DOCKERFILE;
        String text;
        Optional<Path> ownIgnore = Optional.empty();
        if (request.dockerfileFromStdin()) {
            text = dockerfileFrom(environment.stdin(), context, dockerfiles);
        } else if (request.dockerfile().filter(SourceUrl::isUrl).isPresent()) {
            try (InputStream in = SourceUrl.parse(request.dockerfile().get()).open()) {
                text = dockerfileFrom(in, context, dockerfiles);
            }
        } else {
            Path dockerfile = dockerfile(root, request);
            name = String.valueOf(dockerfile.getFileName());
            dockerfiles.add(DirectoryWalk.single(dockerfile, name, context)
                    .orElseThrow(() -> new ContextException("there is no Dockerfile at " + dockerfile
                            + "; name it with --file, relative to the working directory")));
            text = text(dockerfile);
            Path candidate = dockerfile.resolveSibling(name + DirectoryWalk.IGNORE_FILE);
            Optional<FileEntry> entry = DirectoryWalk.single(candidate, name + DirectoryWalk.IGNORE_FILE, context);
            if (entry.isPresent()) {
                dockerfiles.add(entry.get());
                ownIgnore = Optional.of(candidate);
            }
        }
        Path ignoreFile = ownIgnore.orElse(root.resolve(DirectoryWalk.IGNORE_FILE));
        IgnorePatterns ignore =
                Files.isRegularFile(ignoreFile) ? IgnorePatterns.parse(text(ignoreFile)) : IgnorePatterns.none();
        DigestCache cache = DigestCache.open(environment.cacheDirectory(), root);
        new DirectoryWalk(root, ignore, cache, environment.clock().instant()).into(context);
        context.addDockerfiles(dockerfiles);
        return context.build(new Identity(root.toString(), name, text, key(root, request)), () -> {});
    }

    /** A tar archive, compressed or not, or a Dockerfile by itself. */
    private TreeContext stream(InputStream raw, String title, ContextRequest request)
            throws IOException, ContextException {
        BufferedInputStream in = ArchiveSpool.decompress(raw);
        if (ArchiveSpool.isTar(in)) {
            ArchiveSpool spool = ArchiveSpool.read(in);
            try {
                return archive(spool, title, request);
            } catch (IOException | ContextException | RuntimeException e) {
                spool.close();
                throw e;
            }
        }
        if (request.dockerfile().isPresent()) {
            throw new ContextException("--file goes with a context, and " + title + " is not a tar archive");
        }
        TreeContext.Builder context = new TreeContext.Builder();
        List<FileEntry> dockerfiles = new ArrayList<>();
        String text = dockerfileFrom(in, context, dockerfiles);
        context.addDockerfiles(dockerfiles);
        return context.build(new Identity("Dockerfile from " + title, DOCKERFILE, text, ""), () -> {});
    }

    private TreeContext archive(ArchiveSpool spool, String title, ContextRequest request)
            throws IOException, ContextException {
        TreeContext.Builder context = new TreeContext.Builder();
        List<FileEntry> dockerfiles = new ArrayList<>();
        spool.blobs().forEach(context::put);
        String name = DOCKERFILE;
        String text;
        Optional<FileEntry> ignoreFile = spool.entry(DirectoryWalk.IGNORE_FILE);
        if (request.dockerfileFromStdin()) {
            text = dockerfileFrom(environment.stdin(), context, dockerfiles);
        } else {
            String path = ContextPaths.clean("/" + request.dockerfile().orElse(DOCKERFILE))
                    .substring(1);
            FileEntry dockerfile = spool.entry(path)
                    .filter(entry -> !entry.getDigest().isEmpty())
                    .orElseThrow(() -> new ContextException("there is no Dockerfile at " + path + " in " + title
                            + "; name it with --file, relative to the top of the archive"));
            name = ContextPaths.name(path);
            text = spool.text(dockerfile);
            dockerfiles.add(dockerfile.toBuilder().setPath(name).build());
            Optional<FileEntry> own = spool.entry(path + DirectoryWalk.IGNORE_FILE);
            if (own.isPresent()) {
                dockerfiles.add(own.get().toBuilder()
                        .setPath(name + DirectoryWalk.IGNORE_FILE)
                        .build());
                ignoreFile = own;
            }
        }
        List<String> excluded = ignoreFile.isPresent()
                ? IgnorePatterns.parse(spool.text(ignoreFile.get())).patterns()
                : List.of();
        List<FileEntry> entries = new ArrayList<>(TreeFilter.select(spool.entries(), List.of(), excluded, List.of()));
        spool.entry(DirectoryWalk.IGNORE_FILE)
                .filter(entry -> !entries.contains(entry))
                .ifPresent(entries::add);
        context.addAll(entries);
        context.addDockerfiles(dockerfiles);
        // No key: the times in an archive may be the same whatever its files hold.
        return context.build(new Identity(title, name, text, ""), spool::close);
    }

    private Path dockerfile(Path root, ContextRequest request) {
        if (request.dockerfile().isPresent()) {
            return environment.workingDirectory().resolve(request.dockerfile().get());
        }
        Path standard = root.resolve(DOCKERFILE);
        Path lowercase = root.resolve("dockerfile");
        return !Files.exists(standard) && Files.exists(lowercase) ? lowercase : standard;
    }

    private static String dockerfileFrom(InputStream in, TreeContext.Builder context, List<FileEntry> dockerfiles)
            throws IOException, ContextException {
        byte[] bytes = in.readNBytes(MAX_TEXT_BYTES + 1);
        String text = new String(bytes, StandardCharsets.UTF_8);
        if (bytes.length > MAX_TEXT_BYTES || text.indexOf('\0') >= 0) {
            throw new ContextException(
                    "the input is neither a tar archive (plain, gzip, bzip2, xz or zstd) nor a Dockerfile");
        }
        if (text.isBlank()) {
            throw new ContextException("the input is empty; it should be a Dockerfile or a tar archive");
        }
        String digest = Digest.of(bytes).toString();
        context.put(digest, new Blob.InMemory(bytes, DOCKERFILE));
        dockerfiles.add(FileEntry.newBuilder()
                .setPath(DOCKERFILE)
                .setMode(0644)
                .setSize(bytes.length)
                .setDigest(digest)
                .build());
        return text;
    }

    private static String text(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            return new String(in.readNBytes(MAX_TEXT_BYTES), StandardCharsets.UTF_8);
        }
    }

    /** The same for each build of this directory on this machine. */
    private String key(Path root, ContextRequest request) {
        Path kernelName = Path.of("/proc/sys/kernel/hostname");
        String host = environment.variables().getOrDefault("HOSTNAME", "");
        try {
            host = Files.isReadable(kernelName) ? Files.readString(kernelName).strip() : host;
        } catch (IOException e) {
            host = environment.variables().getOrDefault("HOSTNAME", "");
        }
        String identity = String.join("\0", host, root.toString(), request.target());
        return Digest.of(identity.getBytes(StandardCharsets.UTF_8)).toString();
    }
}
