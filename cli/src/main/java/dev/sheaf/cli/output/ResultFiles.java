package dev.sheaf.cli.output;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.Descriptor;
import dev.sheaf.v1.SliceState;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The files that scripts read after a build: --metadata-file and --iidfile, with the keys of buildx. They exist only
 * after success: what an earlier run left is removed at the start.
 */
public record ResultFiles(Optional<Path> metadata, Optional<Path> imageId) {
    /** Removes what an earlier build left, so that nobody takes it for this one's. */
    public void removeOld() throws CliException {
        for (Path file : Stream.concat(metadata.stream(), imageId.stream()).toList()) {
            try {
                if (Files.isRegularFile(file)) {
                    Files.delete(file);
                }
            } catch (IOException e) {
                throw CliException.user("cannot remove the old " + file + ": " + e.getMessage());
            }
        }
    }

    /** Refuses files that cannot be written, before anything is built. */
    public void requireWritable() throws CliException {
        requireWritable("--metadata-file", metadata);
        requireWritable("--iidfile", imageId);
    }

    private static void requireWritable(String flag, Optional<Path> file) throws CliException {
        if (file.isEmpty()) {
            return;
        }
        Path path = file.get().toAbsolutePath();
        if (Files.isDirectory(path)) {
            throw CliException.user(flag + " " + path + " is a directory; name a file in it");
        }
        Path directory = path.getParent();
        if (directory == null || !Files.isDirectory(directory)) {
            throw CliException.user(flag + " " + path + ": the directory " + directory + " does not exist; create it");
        }
        if (Files.exists(path) && !Files.isRegularFile(path)) {
            return; // a device or a pipe
        }
        try {
            Files.delete(Files.createTempFile(directory, ".sheaf", ".part"));
        } catch (IOException _) {
            throw CliException.user(flag + " " + path + ": nothing can be written in " + directory + "; name another");
        }
    }

    public void write(Build build) throws CliException {
        if (metadata.isPresent()) {
            write(metadata.get(), metadata(build).toPrettyString() + "\n");
        }
        if (imageId.isPresent()) {
            write(imageId.get(), imageId(build));
        }
    }

    /** The index's digest; of a build that pushed nothing, the only image's config digest; else empty. */
    public static String imageId(Build build) {
        if (build.hasIndex()) {
            return build.getIndex().getDigest();
        }
        return build.getSlicesCount() == 1 ? build.getSlices(0).getConfigDigest() : "";
    }

    /** A build as the commands print it: what --metadata-file holds, and its state. */
    public static ObjectNode json(Build build) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("id", build.getId());
        root.put("state", Words.of(build.getState()));
        if (!build.getUser().isEmpty()) {
            root.put("user", build.getUser());
            root.put("team", build.getTeam());
        }
        root.put("submitted", Words.instant(build.getSubmitted()).toString());
        if (build.hasEnded()) {
            root.put("ended", Words.instant(build.getEnded()).toString());
        }
        ArrayNode tags = root.putArray("tags");
        build.getSpec().getTagsList().forEach(tags::add);
        Bases.json(build, root);
        if (build.hasIndex()) {
            root.put("digest", build.getIndex().getDigest());
        }
        if (build.hasFailure()) {
            root.put("failure", build.getFailure().getMessage());
            if (build.getFailure().getDetailsCount() > 0) {
                build.getFailure().getDetailsList().forEach(root.putArray("failureDetails")::add);
            }
        }
        ObjectNode platforms = root.putObject("platforms");
        build.getSlicesList().forEach(slice -> platforms.set(Words.of(slice.getPlatform()), slice(slice)));
        return root;
    }

    private static ObjectNode metadata(Build build) {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        if (build.getSlicesCount() == 1 && !build.getSlices(0).getConfigDigest().isEmpty()) {
            root.put("containerimage.config.digest", build.getSlices(0).getConfigDigest());
        }
        if (build.hasIndex()) {
            root.set("containerimage.descriptor", descriptor(build.getIndex()));
            root.put("containerimage.digest", build.getIndex().getDigest());
        }
        if (build.getSpec().getTagsCount() > 0) {
            root.put("image.name", String.join(",", build.getSpec().getTagsList()));
        }
        root.put("buildx.build.ref", "sheaf/farm/" + build.getId());
        ObjectNode sheaf = root.putObject("sheaf.build");
        sheaf.put("id", build.getId());
        Bases.json(build, sheaf);
        ObjectNode platforms = sheaf.putObject("platforms");
        build.getSlicesList().forEach(slice -> platforms.set(Words.of(slice.getPlatform()), slice(slice)));
        return root;
    }

    private static ObjectNode slice(SliceState slice) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("state", Words.of(slice.getStage()));
        if (slice.hasPushed()) {
            node.put("digest", slice.getPushed().getDigest());
        }
        if (!slice.getConfigDigest().isEmpty()) {
            node.put("configDigest", slice.getConfigDigest());
        }
        node.put("agent", slice.getAgent());
        node.put("attempts", slice.getAttempt());
        node.put("emulated", slice.getEmulated());
        if (slice.hasHost()) {
            Hosts.json(slice.getHost(), node);
        }
        if (slice.hasCheck()) {
            Checks.json(slice.getCheck(), node);
        }
        Materials.json(slice, node);
        if (slice.hasStarted()) {
            node.put("started", Words.instant(slice.getStarted()).toString());
        }
        if (slice.hasEnded()) {
            node.put("ended", Words.instant(slice.getEnded()).toString());
        }
        return node;
    }

    private static ObjectNode descriptor(Descriptor descriptor) {
        ObjectNode node = JsonNodeFactory.instance.objectNode();
        node.put("mediaType", descriptor.getMediaType());
        node.put("digest", descriptor.getDigest());
        node.put("size", descriptor.getSize());
        return node;
    }

    /** Whole or not at all: beside the file first, then in its place. */
    private static void write(Path file, String text) throws CliException {
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                Files.writeString(file, text, StandardCharsets.UTF_8);
                return;
            }
            Path absolute = file.toAbsolutePath();
            Path beside = absolute.resolveSibling("." + absolute.getFileName() + ".part");
            Files.writeString(beside, text, StandardCharsets.UTF_8);
            try {
                Files.move(beside, absolute, StandardCopyOption.ATOMIC_MOVE);
            } catch (AtomicMoveNotSupportedException _) {
                Files.move(beside, absolute, StandardCopyOption.REPLACE_EXISTING);
            }
        } catch (IOException e) {
            throw CliException.user("the build succeeded, but " + file + " cannot be written ("
                    + e.getClass().getSimpleName() + ")");
        }
    }
}
