package dev.sheaf.image.files;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What an image's configuration says of its platform, of what it runs and of how it was made.
 *
 * @param platform as it is stated, or nothing if it is stated badly
 * @param workingDirectory absolute; the root if none is stated
 * @param history for each layer, bottom to top, the instruction that made it; empty if the configuration does not say
 */
public record ImageConfig(
        Optional<Platform> platform,
        List<String> entrypoint,
        List<String> command,
        List<String> environment,
        String workingDirectory,
        String user,
        List<String> history) {
    /** What container runtimes take if an image sets no PATH. */
    private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static final int MAX_INSTRUCTION = 1_000; // characters; a heredoc can be a whole script
    private static final JsonMapper JSON = JsonMapper.builder().build();

    /** Immutable. */
    public ImageConfig {
        entrypoint = List.copyOf(entrypoint);
        command = List.copyOf(command);
        environment = List.copyOf(environment);
        history = List.copyOf(history);
    }

    /** Reads the bytes of a configuration; throws {@link ImageFormatException} with one sentence. */
    public static ImageConfig parse(byte[] bytes) {
        JsonNode root;
        try {
            root = JSON.readTree(bytes);
        } catch (JsonProcessingException e) {
            throw new ImageFormatException("the configuration is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new ImageFormatException("the configuration cannot be read", e);
        }
        if (!root.isObject()) {
            throw new ImageFormatException("the configuration is not a JSON object");
        }
        JsonNode config = root.path("config");
        String directory = config.path("WorkingDir").asText("");
        return new ImageConfig(
                platform(root),
                texts(config.path("Entrypoint")),
                texts(config.path("Cmd")),
                texts(config.path("Env")),
                directory.startsWith("/") ? directory : "/" + directory,
                config.path("User").asText(""),
                history(root.path("history")));
    }

    private static Optional<Platform> platform(JsonNode root) {
        try {
            return Optional.of(Platform.of(
                    root.path("os").asText(""),
                    root.path("architecture").asText(""),
                    root.path("variant").asText("")));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static List<String> history(JsonNode entries) {
        List<String> found = new ArrayList<>();
        for (JsonNode entry : entries) {
            if (!entry.path("empty_layer").asBoolean(false)) {
                String text = entry.path("created_by").asText("");
                found.add(text.length() > MAX_INSTRUCTION ? text.substring(0, MAX_INSTRUCTION) : text);
            }
        }
        return found;
    }

    private static List<String> texts(JsonNode list) {
        List<String> found = new ArrayList<>();
        list.forEach(text -> found.add(text.asText("")));
        return found;
    }

    /** The directories in which programs without a slash are looked for. */
    public List<String> path() {
        String set = DEFAULT_PATH;
        for (String variable : environment) {
            if (variable.startsWith("PATH=")) {
                set = variable.substring("PATH=".length());
            }
        }
        return List.of(set.split(":", -1)).stream()
                .filter(directory -> directory.startsWith("/"))
                .distinct()
                .toList();
    }
}
