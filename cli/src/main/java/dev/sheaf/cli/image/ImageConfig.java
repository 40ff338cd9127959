package dev.sheaf.cli.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.Platform;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RegistryException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * What the config of an image says that it runs on.
 *
 * @param platform empty: nothing that can be one
 * @param statesVariant whether the variant is the config's own word, rather than what is usual
 * @param osVersion of Windows; empty: none
 * @param created as it is written; empty: not said
 */
public record ImageConfig(Optional<Platform> platform, boolean statesVariant, String osVersion, String created) {
    /** A config holds an image's history and labels; nothing honest comes near this, in bytes. */
    private static final int MAX_BYTES = 8 * 1024 * 1024;

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /** Reads the config that a manifest names. Throws ImageFormatException with one sentence. */
    static ImageConfig read(Registry registry, String repository, Descriptor config)
            throws RegistryException, InterruptedException {
        byte[] bytes;
        try (InputStream in = registry.blob(repository, config.digest())) {
            bytes = in.readNBytes(MAX_BYTES + 1);
        } catch (RegistryException e) {
            throw e;
        } catch (IOException e) {
            throw new RegistryException.Unavailable("reading " + config.digest() + " from repository " + repository
                    + " of registry " + registry.host() + " broke off: " + e.getMessage());
        }
        if (bytes.length > MAX_BYTES) {
            throw new ImageFormatException("the config " + config.digest() + " is larger than " + MAX_BYTES + " bytes");
        }
        return parse(config, bytes);
    }

    static ImageConfig parse(Descriptor config, byte[] bytes) {
        JsonNode root;
        try {
            root = JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new ImageFormatException("the config " + config.digest() + " is not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new ImageFormatException("the config " + config.digest() + " cannot be read", e);
        }
        String variant = root.path("variant").asText("");
        return new ImageConfig(
                platform(root, variant),
                !variant.isEmpty(),
                root.path("os.version").asText(""),
                root.path("created").asText(""));
    }

    private static Optional<Platform> platform(JsonNode root, String variant) {
        try {
            return Optional.of(Platform.of(
                    root.path("os").asText(""), root.path("architecture").asText(""), variant));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    /**
     * The platform that counts: the config's own word. A variant that only the index states refines it, since older
     * builders leave variants out of the config.
     */
    public Optional<Platform> effective(Optional<Platform> stated) {
        if (platform.isEmpty() || statesVariant) {
            return platform;
        }
        Platform own = platform.get();
        return stated.filter(other ->
                        other.os().equals(own.os()) && other.architecture().equals(own.architecture()))
                .or(() -> platform);
    }
}
