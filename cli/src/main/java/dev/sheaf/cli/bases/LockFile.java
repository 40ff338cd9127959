package dev.sheaf.cli.bases;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What bases pointed to, in a file for the repository, so that a later build takes the same. */
final class LockFile {
    private static final int VERSION = 1;
    private static final int MAX_BYTES = 1 << 20;
    private static final JsonMapper JSON = new JsonMapper();

    private LockFile() {}

    /** The bases by reference. Every failure is one line that names the file. */
    static Map<String, BaseImage> read(Path file) throws CliException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw CliException.user(file + " is larger than " + MAX_BYTES + " bytes, and no lock file");
            }
            JsonNode root = JSON.readTree(bytes);
            if (root.path("version").asInt(0) != VERSION) {
                throw CliException.user(
                        file + " is no lock file of version " + VERSION + "; write it again with" + " --write-lock");
            }
            Map<String, BaseImage> bases = new LinkedHashMap<>();
            for (JsonNode base : root.path("bases")) {
                BaseImage image = base(base);
                bases.put(image.reference().toString(), image);
            }
            return bases;
        } catch (NoSuchFileException _) {
            throw CliException.user("there is no lock file " + file + "; write it with --write-lock");
        } catch (JacksonException e) {
            throw CliException.user(file + " is not valid JSON; write it again with --write-lock");
        } catch (IllegalArgumentException e) {
            throw CliException.user(file + " holds what is no base image: " + e.getMessage());
        } catch (IOException e) {
            throw CliException.user("cannot read the lock file " + file + "; check its permissions");
        }
    }

    private static BaseImage base(JsonNode base) {
        List<Platform> platforms = new ArrayList<>();
        base.path("platforms").forEach(platform -> platforms.add(Platform.parse(platform.asText(""))));
        return new BaseImage(
                ImageReference.parse(base.path("reference").asText("")),
                Digest.parse(base.path("digest").asText("")),
                platforms.size() != 1,
                platforms);
    }

    /** Whole or not at all, and the same bytes for the same bases. */
    static void write(Path file, List<BaseImage> bases) throws CliException {
        ObjectNode root = JsonNodeFactory.instance.objectNode();
        root.put("version", VERSION);
        ArrayNode list = root.putArray("bases");
        bases.stream()
                .sorted((a, b) ->
                        a.reference().toString().compareTo(b.reference().toString()))
                .forEach(base -> {
                    ObjectNode node = list.addObject();
                    node.put("reference", base.reference().toString());
                    node.put("digest", base.digest().value());
                    ArrayNode platforms = node.putArray("platforms");
                    base.platforms().forEach(platform -> platforms.add(platform.toString()));
                });
        Path absolute = file.toAbsolutePath();
        Path beside = absolute.resolveSibling("." + absolute.getFileName() + ".part");
        try {
            Files.writeString(beside, root.toPrettyString() + "\n", StandardCharsets.UTF_8);
            Files.move(beside, absolute, StandardCopyOption.REPLACE_EXISTING);
        } catch (IOException e) {
            throw CliException.user(
                    "cannot write the lock file " + file + " (" + e.getClass().getSimpleName() + ")");
        }
    }
}
