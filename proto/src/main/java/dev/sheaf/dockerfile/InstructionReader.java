package dev.sheaf.dockerfile;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One instruction, its lines joined: keyword, flags, JSON form, and the heredocs that it opens. */
final class InstructionReader {
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final Set<String> WITH_JSON = Set.of("RUN", "CMD", "ENTRYPOINT", "SHELL", "VOLUME", "COPY", "ADD");
    private static final Set<String> WITH_HEREDOCS = Set.of("RUN", "COPY", "ADD");
    private static final Set<String> WITH_FLAGS = Set.of("FROM", "RUN", "COPY", "ADD", "HEALTHCHECK");
    private static final Pattern HEREDOC = Pattern.compile("[0-9]*<<(-?)([^<]+)");
    private static final Pattern KEYWORD = Pattern.compile("[A-Za-z]+");

    private final String keyword;
    private final List<Instruction.Flag> flags = new ArrayList<>();
    private final String arguments;
    private final Optional<List<String>> exec;
    private final Optional<InstructionReader> trigger;
    private final char escape;

    /** Where an instruction stands: its lines from 1, and their text. */
    record Place(int first, int last, String text) {}

    InstructionReader(String line, char escape, int number) throws DockerfileException {
        int space = 0;
        while (space < line.length() && !InstructionWords.isSpace(line.charAt(space))) {
            space++;
        }
        String word = line.substring(0, space);
        if (!KEYWORD.matcher(word).matches()) {
            throw new DockerfileException(
                    number,
                    "\"" + (word.length() > 40 ? word.substring(0, 40) + "..." : word) + "\" is no instruction");
        }
        this.keyword = word.toUpperCase(Locale.ROOT);
        this.escape = escape;
        String rest = line.substring(space).strip();
        this.arguments = WITH_FLAGS.contains(keyword) ? withoutFlags(rest) : rest;
        this.exec = WITH_JSON.contains(keyword) ? json(arguments) : Optional.empty();
        boolean keeps = keyword.equals("ONBUILD") && !arguments.isEmpty();
        this.trigger = keeps ? Optional.of(new InstructionReader(arguments, escape, number)) : Optional.empty();
    }

    /** Takes the flags off the front; a lone {@code --} ends them. */
    private String withoutFlags(String text) {
        String rest = text;
        while (rest.startsWith("--")) {
            String word = InstructionWords.raw(rest, escape).getFirst();
            rest = rest.substring(word.length()).strip();
            if (word.equals("--")) {
                break;
            }
            String plain = InstructionWords.unquoted(word.substring(2), escape);
            int equals = plain.indexOf('=');
            flags.add(
                    equals < 0
                            ? new Instruction.Flag(plain, "")
                            : new Instruction.Flag(plain.substring(0, equals), plain.substring(equals + 1)));
        }
        return rest;
    }

    private static Optional<List<String>> json(String text) {
        if (!text.startsWith("[")) {
            return Optional.empty();
        }
        try {
            List<String> words = new ArrayList<>();
            for (JsonNode word : JSON.readTree(text)) {
                if (!word.isTextual()) {
                    return Optional.empty();
                }
                words.add(word.textValue());
            }
            return Optional.of(words);
        } catch (JsonProcessingException _) {
            return Optional.empty(); // then it is a shell's line, as BuildKit takes it
        }
    }

    /** The heredocs that the line opens, without content. */
    List<Instruction.Heredoc> heredocs() {
        if (trigger.isPresent()) {
            return trigger.get().heredocs();
        }
        if (!WITH_HEREDOCS.contains(keyword) || exec.isPresent() || !arguments.contains("<<")) {
            return List.of();
        }
        List<Instruction.Heredoc> opened = new ArrayList<>();
        List<String> words = InstructionWords.raw(arguments, InstructionWords.ESCAPE);
        for (int at = 0; at < words.size(); at++) {
            String word = words.get(at);
            // "<< EOF" is a heredoc too.
            boolean isApart = (word.equals("<<") || word.equals("<<-")) && at + 1 < words.size();
            Matcher heredoc = HEREDOC.matcher(isApart ? word + words.get(at + 1) : word);
            if (heredoc.matches()) {
                String name = InstructionWords.unquoted(heredoc.group(2), InstructionWords.ESCAPE);
                boolean expand = name.equals(heredoc.group(2));
                opened.add(
                        new Instruction.Heredoc(name, expand, !heredoc.group(1).isEmpty(), ""));
            }
        }
        return opened;
    }

    Instruction read(List<Instruction.Heredoc> heredocs, List<String> comments, Place place) {
        return new Instruction(
                keyword,
                flags,
                arguments,
                exec,
                heredocs,
                trigger.map(inner -> inner.read(heredocs, List.of(), place)),
                comments,
                place.first(),
                place.last(),
                place.text());
    }
}
