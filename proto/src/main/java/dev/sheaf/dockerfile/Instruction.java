package dev.sheaf.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * One instruction of a Dockerfile. Nothing in it is expanded.
 *
 * @param keyword upper-case: "RUN"
 * @param flags those before the arguments, in their order, such as {@code --from=build}
 * @param arguments the rest of the instruction as one line: continuations joined, comments between them left out
 * @param exec the arguments, if they are in JSON form: {@code ["app", "-v"]}
 * @param heredocs in their order
 * @param trigger what an ONBUILD keeps for those who build on the image
 * @param comments the comment lines right above, without their "#"
 * @param firstLine number of its first line, from 1
 * @param lastLine number of its last line, heredocs included
 * @param text those lines as they are written
 */
public record Instruction(
        String keyword,
        List<Flag> flags,
        String arguments,
        Optional<List<String>> exec,
        List<Heredoc> heredocs,
        Optional<Instruction> trigger,
        List<String> comments,
        int firstLine,
        int lastLine,
        String text) {

    public Instruction {
        flags = List.copyOf(flags);
        exec = exec.map(List::copyOf);
        heredocs = List.copyOf(heredocs);
        comments = List.copyOf(comments);
    }

    /**
     * A flag of an instruction.
     *
     * @param name without the dashes: "from"
     * @param value empty for a flag that stands alone
     */
    public record Flag(String name, String value) {}

    /**
     * A heredoc of a RUN, COPY or ADD.
     *
     * @param name the word that ends it
     * @param expand BuildKit expands variables in it: the word was not quoted
     * @param chomp leading tabs are dropped: {@code <<-}
     * @param content as written, each line with its end
     */
    public record Heredoc(String name, boolean expand, boolean chomp, String content) {}

    /**
     * A name and what it is set to, of an ARG, ENV or LABEL.
     *
     * @param value not expanded, with its quotes. Empty: an ARG without a default
     */
    public record Assignment(String name, Optional<String> value) {}

    /** Whether this is such an instruction, by its upper-case keyword. */
    public boolean is(String name) {
        return keyword.equals(name);
    }

    /** The value of the last flag of this name. */
    public Optional<String> flag(String name) {
        return flags.stream()
                .filter(flag -> flag.name().equals(name))
                .map(Flag::value)
                .reduce((_, last) -> last);
    }

    /** The arguments as COPY, ADD and FROM take them apart: the JSON form's, or what stands between white space. */
    public List<String> words() {
        return exec.orElseGet(() -> arguments.isEmpty() ? List.of() : List.of(arguments.split("[\\s\\x0b]+")));
    }

    /** What an ARG, ENV or LABEL sets, in the order written. Of other instructions nothing. */
    public List<Assignment> assignments() {
        boolean isArgument = is("ARG");
        if (!isArgument && !is("ENV") && !is("LABEL")) {
            return List.of();
        }
        List<String> words = InstructionWords.raw(arguments, InstructionWords.ESCAPE);
        if (words.isEmpty()) {
            return List.of();
        }
        if (!isArgument && words.getFirst().indexOf('=') < 0) {
            String name = words.getFirst();
            return List.of(new Assignment(
                    name, Optional.of(arguments.substring(name.length()).strip())));
        }
        List<Assignment> found = new ArrayList<>();
        for (String word : words) {
            int equals = word.indexOf('=');
            found.add(
                    equals < 0
                            ? new Assignment(word, Optional.empty())
                            : new Assignment(word.substring(0, equals), Optional.of(word.substring(equals + 1))));
        }
        return List.copyOf(found);
    }

    /** The fields of each {@code --mount} of a RUN: "type=bind", "from=build". */
    public List<List<String>> mounts() {
        return flags.stream()
                .filter(flag -> flag.name().equals("mount"))
                .map(flag -> List.of(flag.value().split(",", -1)))
                .toList();
    }

    /** What the instruction takes from elsewhere as written: {@code COPY --from}, {@code RUN --mount=from=}. */
    public List<String> sources() {
        List<String> found = new ArrayList<>();
        if (is("COPY")) {
            flag("from").filter(from -> !from.isEmpty()).ifPresent(found::add);
        }
        if (is("RUN")) {
            for (List<String> mount : mounts()) {
                mount.stream()
                        .filter(field -> field.startsWith("from=") && field.length() > "from=".length())
                        .map(field -> field.substring("from=".length()))
                        .forEach(found::add);
            }
        }
        return List.copyOf(found);
    }

    /** "line 4", or "lines 4-7". */
    public String lines() {
        return firstLine == lastLine ? "line " + firstLine : "lines " + firstLine + "-" + lastLine;
    }

    @Override
    public String toString() {
        return lines() + ": " + keyword + " " + arguments;
    }
}
