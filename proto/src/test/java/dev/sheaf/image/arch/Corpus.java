package dev.sheaf.image.arch;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.testregistry.ElfBytes;
import dev.sheaf.testregistry.LayerBytes;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads the images of corpus.txt, whose first lines say how. */
final class Corpus {
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final List<Entry> entries = new ArrayList<>();
    private String heading = "";
    private String says = "";
    private ImageCase image = new ImageCase("linux/amd64");
    private String instruction = "";
    private @Nullable LayerBytes layer;

    /** One image, and what its errors say: nothing for a good one. */
    record Entry(String name, ImageCase image, Optional<String> says) {
        @Override
        public String toString() {
            return name;
        }
    }

    static List<Entry> read() {
        try (InputStream in = Objects.requireNonNull(Corpus.class.getResourceAsStream("corpus.txt"))) {
            Corpus corpus = new Corpus();
            new String(in.readAllBytes(), StandardCharsets.UTF_8).lines().forEach(corpus::line);
            corpus.line("good");
            return corpus.entries;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void line(String line) {
        if (line.isBlank() || line.startsWith("#")) {
            return;
        }
        String[] words = line.strip().split(" ", 2);
        String rest = words.length == 1 ? "" : words[1];
        if (line.startsWith(" ")) {
            entry(words[0], rest);
            return;
        }
        endLayer();
        switch (words[0]) {
            case "good", "bad" -> begin(line);
            case "for" -> image = new ImageCase(rest);
            case "states" -> image.stating(rest);
            case "entrypoint" -> image.entrypoint(texts(rest));
            case "command" -> image.command(texts(rest));
            case "env" -> image.environment(rest);
            case "directory" -> image.directory(rest);
            case "debian" -> image.layer("ADD rootfs.tar /", ImageCase.debian(rest));
            case "alpine" -> image.layer("ADD rootfs.tar /", ImageCase.alpine(rest));
            case "layer" -> {
                layer = new LayerBytes();
                instruction = rest;
            }
            case "says" -> says = rest;
            default -> throw new IllegalArgumentException(line);
        }
    }

    private void begin(String line) {
        if (!heading.isEmpty()) {
            if (heading.startsWith("bad") == says.isEmpty()) {
                throw new IllegalArgumentException("what does it say: " + heading);
            }
            entries.add(new Entry(heading, image, says.isEmpty() ? Optional.empty() : Optional.of(says)));
        }
        heading = line;
        says = "";
    }

    private void endLayer() {
        if (layer != null) {
            image.layer(instruction, layer);
            layer = null;
        }
    }

    private static String[] texts(String json) {
        try {
            return JSON.readValue(json, String[].class);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    private void entry(String kind, String rest) {
        LayerBytes to = Objects.requireNonNull(layer, rest);
        String[] words = rest.split(" ");
        switch (kind) {
            case "program" -> to.file(words[1], mode(words, 0755), program(words));
            case "library" -> to.library(words[1], isa(ImageCase.elf(words[0]), words));
            case "elf" -> to.library(words[1], ElfBytes.of(Integer.parseInt(words[0]), true, false));
            case "bytes" -> {
                byte[] content = HexFormat.of().parseHex(words[0].equals("-") ? "" : words[0]);
                to.file(words[1], mode(words, 0644), content);
            }
            case "script" -> {
                String line = rest.substring(words[0].length() + 1).replace("\\r", "\r");
                to.script(words[0], line + "\nexec something\n");
            }
            case "text" -> to.text(words[0], "text");
            case "link" -> to.symlink(words[0], words[1]);
            case "hardlink" -> to.hardLink(words[0], words[1]);
            case "whiteout" -> to.whiteout(words[0], words[1]);
            case "opaque" -> to.opaque(words[0]);
            default -> throw new IllegalArgumentException(kind + " " + rest);
        }
    }

    private static byte[] program(String[] words) {
        ElfBytes elf = isa(ImageCase.elf(words[0]), words);
        String loader = option(words, "loader").orElse("");
        switch (loader) {
            case "" -> {}
            case "glibc" -> elf.loader(ImageCase.glibc(words[0]));
            case "musl" -> elf.loader(ImageCase.musl(words[0]));
            default -> elf.loader(loader);
        }
        if (List.of(words).contains("pie")) {
            elf.type(ElfBytes.SHARED);
        }
        byte[] bytes = elf.bytes();
        int length = option(words, "bytes").map(Integer::parseInt).orElse(bytes.length);
        return Arrays.copyOf(bytes, length);
    }

    private static ElfBytes isa(ElfBytes elf, String[] words) {
        option(words, "isa").ifPresent(bits -> elf.isaNeeded(Integer.parseInt(bits)));
        return elf;
    }

    private static int mode(String[] words, int otherwise) {
        return option(words, "mode").map(mode -> Integer.parseInt(mode, 8)).orElse(otherwise);
    }

    private static Optional<String> option(String[] words, String name) {
        return Arrays.stream(words)
                .filter(word -> word.startsWith(name + "="))
                .map(word -> word.substring(name.length() + 1))
                .findFirst();
    }
}
