package dev.sheaf.image;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What the config of an image says: for which platform it is, what runs when it starts, and how it was made.
 *
 * @param platform as it is stated; empty: nothing that can be one
 * @param statesVariant whether the variant is the config's own word, rather than what is usual
 * @param osVersion of Windows; empty: none
 * @param created as it is written; empty: not said
 * @param history the oldest entry first; empty if the config does not say
 * @param instructions that made the layers, one for each, the lowest first, shortened; from the history
 */
public record ImageConfig(
        Optional<Platform> platform,
        boolean statesVariant,
        String osVersion,
        String created,
        Execution execution,
        List<HistoryEntry> history,
        List<String> instructions) {
    /** A config holds an image's history and labels; nothing honest comes near this. */
    public static final int MAX_BYTES = 8 * 1024 * 1024;

    private static final int MAX_INSTRUCTION = 1_000; // characters; a heredoc can be a whole script

    /** Immutable. */
    public ImageConfig {
        history = List.copyOf(history);
        instructions = List.copyOf(instructions);
    }

    /**
     * What a container of the image runs if it is not told otherwise.
     *
     * @param workingDirectory absolute; the root if none is stated
     */
    public record Execution(
            List<String> entrypoint, List<String> command, List<String> environment, String workingDirectory) {
        /** What container runtimes take if an image sets no PATH. */
        private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

        /** Immutable. */
        public Execution {
            entrypoint = List.copyOf(entrypoint);
            command = List.copyOf(command);
            environment = List.copyOf(environment);
        }

        private static Execution read(JsonNode node) {
            String directory = node.path("WorkingDir").asText("");
            return new Execution(
                    texts(node.path("Entrypoint")),
                    texts(node.path("Cmd")),
                    texts(node.path("Env")),
                    directory.startsWith("/") ? directory : "/" + directory);
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

    /**
     * One step of how the image was made.
     *
     * @param createdBy what made it: {@code RUN /bin/sh -c make # buildkit}
     * @param emptyLayer it made no layer
     */
    public record HistoryEntry(String createdBy, boolean emptyLayer) {}

    /** Reads a config strictly; throws {@link ImageFormatException} with one sentence. */
    public static ImageConfig parse(byte[] bytes) {
        JsonNode root = DescriptorJson.object("the config " + Digest.of(bytes), bytes, MAX_BYTES);
        String variant = root.path("variant").asText("");
        List<HistoryEntry> history = history(root.path("history"));
        return new ImageConfig(
                platform(root, variant),
                !variant.isEmpty(),
                root.path("os.version").asText(""),
                root.path("created").asText(""),
                Execution.read(root.path("config")),
                history,
                instructions(history));
    }

    private static Optional<Platform> platform(JsonNode root, String variant) {
        try {
            return Optional.of(Platform.of(
                    root.path("os").asText(""), root.path("architecture").asText(""), variant));
        } catch (IllegalArgumentException _) {
            return Optional.empty();
        }
    }

    private static List<HistoryEntry> history(JsonNode entries) {
        List<HistoryEntry> found = new ArrayList<>();
        for (JsonNode entry : entries) {
            found.add(new HistoryEntry(
                    entry.path("created_by").asText(""),
                    entry.path("empty_layer").asBoolean(false)));
        }
        return found;
    }

    private static List<String> instructions(List<HistoryEntry> history) {
        return history.stream()
                .filter(entry -> !entry.emptyLayer())
                .map(HistoryEntry::createdBy)
                .map(text -> text.length() > MAX_INSTRUCTION ? text.substring(0, MAX_INSTRUCTION) : text)
                .toList();
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
