package dev.sheaf.image.layer;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.image.Digest;
import dev.sheaf.image.elf.ElfFile;
import dev.sheaf.image.elf.Machine;
import dev.sheaf.image.layer.LayerFacts.Oddity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** The stored form of {@link LayerFacts}. Short names, because a layer of an operating system has thousands of files. */
final class LayerFactsJson {
    /** Raised whenever a reader finds something else in a layer: what was stored before is then read again. */
    private static final int VERSION = 2;

    private static final JsonMapper JSON = JsonMapper.builder().build();

    private LayerFactsJson() {}

    static byte[] write(LayerFacts facts) {
        ObjectNode root = JSON.createObjectNode();
        root.put("v", VERSION)
                .put("digest", facts.digest().value())
                .put("bytes", facts.bytes())
                .put("entries", facts.entries())
                .put("plain", facts.plain().bytes())
                .put("shapeless", facts.shapeless().bytes())
                .put("directories", facts.directories().bytes());
        ArrayNode files = root.putArray("files");
        facts.files().forEach(file -> write(file, files.addObject()));
        facts.whiteouts().forEach(root.putArray("whiteouts")::add);
        facts.opaque().forEach(root.putArray("opaque")::add);
        ArrayNode oddities = root.putArray("oddities");
        facts.oddities()
                .forEach(oddity -> oddities.addObject().put("p", oddity.path()).put("what", oddity.what()));
        try {
            return JSON.writeValueAsBytes(root);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException("a tree of JSON can always be written", e);
        }
    }

    private static void write(FileFacts file, ObjectNode node) {
        node.put("p", file.path());
        switch (file) {
            case FileFacts.Program(String _, ElfFile elf, boolean executable, long size) -> {
                node.put("m", elf.machine().number())
                        .put("w", elf.wide())
                        .put("b", elf.bigEndian())
                        .put("k", elf.kind().name())
                        .put("f", elf.flags())
                        .put("l", elf.level())
                        .put("c", elf.isCutShort())
                        .put("x", executable)
                        .put("s", size);
                elf.interpreter().ifPresent(path -> node.put("i", path));
            }
            case FileFacts.Script(String _, String line) -> node.put("script", line);
            case FileFacts.Unrunnable(String _, String what) -> node.put("unrunnable", what);
            case FileFacts.Symlink(String _, String target) -> node.put("link", target);
        }
    }

    static Optional<LayerFacts> read(byte[] bytes) {
        try {
            JsonNode root = JSON.readTree(bytes);
            if (root.path("v").asInt() != VERSION) {
                return Optional.empty();
            }
            List<FileFacts> files = new ArrayList<>();
            for (JsonNode file : root.path("files")) {
                files.add(file(file));
            }
            List<Oddity> oddities = new ArrayList<>();
            for (JsonNode oddity : root.path("oddities")) {
                oddities.add(new Oddity(text(oddity, "p"), text(oddity, "what")));
            }
            return Optional.of(new LayerFacts(
                    Digest.parse(text(root, "digest")),
                    root.path("bytes").asLong(),
                    root.path("entries").asLong(),
                    files,
                    paths(root, "plain"),
                    paths(root, "shapeless"),
                    paths(root, "directories"),
                    texts(root, "whiteouts"),
                    texts(root, "opaque"),
                    oddities));
        } catch (IOException | IllegalArgumentException _) {
            return Optional.empty(); // whoever asks reads the layer again
        }
    }

    private static FileFacts file(JsonNode node) {
        String path = text(node, "p");
        if (node.has("script")) {
            return new FileFacts.Script(path, text(node, "script"));
        } else if (node.has("unrunnable")) {
            return new FileFacts.Unrunnable(path, text(node, "unrunnable"));
        } else if (node.has("link")) {
            return new FileFacts.Symlink(path, text(node, "link"));
        }
        Machine machine = Machine.of(node.path("m").asInt())
                .orElseThrow(() -> new IllegalArgumentException("no machine has the number " + node.path("m")));
        ElfFile elf = new ElfFile(
                machine,
                node.path("w").asBoolean(),
                node.path("b").asBoolean(),
                ElfFile.Kind.valueOf(text(node, "k")),
                node.path("f").asInt(),
                node.has("i") ? Optional.of(text(node, "i")) : Optional.empty(),
                node.path("l").asInt(),
                node.path("c").asBoolean());
        return new FileFacts.Program(
                path, elf, node.path("x").asBoolean(), node.path("s").asLong());
    }

    private static PathSet paths(JsonNode root, String field) throws IOException {
        byte[] bytes = root.path(field).binaryValue();
        if (bytes == null) {
            throw new IllegalArgumentException("the facts have no " + field);
        }
        return PathSet.of(bytes);
    }

    private static List<String> texts(JsonNode root, String field) {
        List<String> found = new ArrayList<>();
        root.path(field).forEach(text -> found.add(text.asText()));
        return found;
    }

    private static String text(JsonNode node, String field) {
        JsonNode value = node.path(field);
        if (!value.isTextual()) {
            throw new IllegalArgumentException("the facts have no " + field);
        }
        return value.textValue();
    }
}
