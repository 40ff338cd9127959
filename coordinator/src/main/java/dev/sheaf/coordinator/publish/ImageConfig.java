package dev.sheaf.coordinator.publish;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.Platform;
import java.io.IOException;

/** The two things that verification reads in an image: which config a manifest names, and what the config says it runs on. */
final class ImageConfig {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    private ImageConfig() {}

    /** The digest of the config that a manifest names. Throws {@link ImageFormatException} with one sentence. */
    static Digest of(Digest manifest, byte[] bytes) {
        String digest = parse("manifest " + manifest, bytes).path("config").path("digest").asText("");
        try {
            return Digest.parse(digest);
        } catch (IllegalArgumentException e) {
            throw new ImageFormatException("the manifest " + manifest + " names no config: " + e.getMessage());
        }
    }

    /** What a config says that the image runs on. Throws {@link ImageFormatException} with one sentence. */
    static Platform platform(Digest config, byte[] bytes) {
        JsonNode json = parse("config " + config, bytes);
        String os = json.path("os").asText("");
        String architecture = json.path("architecture").asText("");
        try {
            return Platform.of(os, architecture, json.path("variant").asText(""));
        } catch (IllegalArgumentException e) {
            throw new ImageFormatException("the config " + config + " states no platform: " + e.getMessage());
        }
    }

    private static JsonNode parse(String what, byte[] bytes) {
        JsonNode json;
        try {
            json = JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new ImageFormatException("the " + what + " is not JSON: " + e.getOriginalMessage());
        } catch (IOException e) {
            throw new ImageFormatException("the " + what + " cannot be read: " + e.getMessage());
        }
        if (!json.isObject()) {
            throw new ImageFormatException("the " + what + " is not a JSON object");
        }
        return json;
    }
}
