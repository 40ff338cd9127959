package dev.sheaf.dockerfile;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** From lines to instructions, and from instructions to stages. One instance reads one text. */
final class DockerfileParser {
    private static final Pattern DIRECTIVE = Pattern.compile("#[ \\t]*([A-Za-z][A-Za-z0-9]*)[ \\t]*=[ \\t]*(.+?)\\s*");
    private static final Set<String> DIRECTIVES = Set.of("syntax", "escape", "check");
    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final String[] lines;
    private final Map<String, String> directives = new LinkedHashMap<>();
    private char escape = InstructionWords.ESCAPE;
    private int next; // index of the line to read

    DockerfileParser(String text) {
        String content = text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
        this.lines = content.split("\n", -1);
    }

    Dockerfile parse() throws DockerfileException {
        readDirectives();
        List<Instruction> instructions = new ArrayList<>();
        List<String> comments = new ArrayList<>();
        while (next < lines.length) {
            String line = lines[next].strip();
            if (line.isEmpty()) {
                comments.clear();
                next++;
            } else if (line.startsWith("#")) {
                comments.add(line.substring(1).strip());
                next++;
            } else {
                instruction(comments, instructions);
                comments.clear();
            }
            if (instructions.size() > Dockerfile.MAX_INSTRUCTIONS) {
                throw new DockerfileException(
                        next, "the Dockerfile has more than " + Dockerfile.MAX_INSTRUCTIONS + " instructions");
            }
        }
        return stages(instructions);
    }

    /** Only at the very top, and only those that are known: the first other line ends them. */
    private void readDirectives() throws DockerfileException {
        while (next < lines.length) {
            Matcher directive = DIRECTIVE.matcher(lines[next].strip());
            if (!directive.matches()) {
                return;
            }
            String name = directive.group(1).toLowerCase(Locale.ROOT);
            String value = directive.group(2);
            if (!DIRECTIVES.contains(name)) {
                return;
            }
            if (directives.put(name, value) != null) {
                throw new DockerfileException(next + 1, "the parser directive " + name + " is given twice");
            }
            if (name.equals("escape")) {
                if (!value.equals("\\") && !value.equals("`")) {
                    throw new DockerfileException(next + 1, "the escape character must be \\ or `, not " + value);
                }
                escape = value.charAt(0);
            }
            next++;
        }
    }

    private void instruction(List<String> comments, List<Instruction> into) throws DockerfileException {
        int first = next;
        int last = next;
        StringBuilder joined = new StringBuilder();
        boolean goesOn = append(joined, lines[next].stripLeading());
        next++;
        while (goesOn && next < lines.length) {
            String inner = lines[next].strip();
            // Blank lines and comments between continued lines do not end them.
            if (!inner.isEmpty() && !inner.startsWith("#")) {
                goesOn = append(joined, lines[next]);
                last = next;
            }
            next++;
        }
        String line = joined.toString().strip();
        if (line.isEmpty()) {
            return;
        }
        InstructionReader reader = new InstructionReader(line, escape, first + 1);
        List<Instruction.Heredoc> heredocs = new ArrayList<>();
        for (Instruction.Heredoc opened : reader.heredocs()) {
            heredocs.add(heredoc(opened, first + 1));
            last = next - 1;
        }
        String text = String.join("\n", List.of(lines).subList(first, last + 1)).replace("\r", "");
        into.add(reader.read(heredocs, comments, new InstructionReader.Place(first + 1, last + 1, text)));
    }

    /** Adds a line without its continuation character; says whether it had one. */
    private boolean append(StringBuilder joined, String line) {
        int end = line.length();
        while (end > 0 && InstructionWords.isSpace(line.charAt(end - 1))) {
            end--;
        }
        boolean goesOn = end > 0 && line.charAt(end - 1) == escape && (end == 1 || line.charAt(end - 2) != escape);
        joined.append(line, 0, goesOn ? end - 1 : end);
        return goesOn;
    }

    private Instruction.Heredoc heredoc(Instruction.Heredoc opened, int line) throws DockerfileException {
        StringBuilder content = new StringBuilder();
        while (next < lines.length) {
            String read = lines[next].endsWith("\r") ? lines[next].substring(0, lines[next].length() - 1) : lines[next];
            next++;
            String shown = opened.chomp() ? read.replaceFirst("^\\t+", "") : read;
            if (shown.equals(opened.name())) {
                return new Instruction.Heredoc(opened.name(), opened.expand(), opened.chomp(), content.toString());
            }
            content.append(shown).append('\n');
        }
        throw new DockerfileException(line, "the heredoc <<" + opened.name() + " is never ended");
    }

    private Dockerfile stages(List<Instruction> instructions) throws DockerfileException {
        List<Instruction> arguments = new ArrayList<>();
        List<Stage> stages = new ArrayList<>();
        List<Instruction> body = new ArrayList<>();
        for (Instruction instruction : instructions) {
            if (instruction.is("FROM")) {
                close(stages, body);
                if (stages.size() >= Dockerfile.MAX_STAGES) {
                    throw new DockerfileException(
                            instruction.firstLine(),
                            "the Dockerfile has more than " + Dockerfile.MAX_STAGES + " stages");
                }
                stages.add(stage(stages.size(), instruction));
            } else if (!stages.isEmpty()) {
                body.add(instruction);
            } else if (instruction.is("ARG")) {
                arguments.add(instruction);
            } else {
                throw new DockerfileException(
                        instruction.firstLine(), instruction.keyword() + " before the first FROM; only ARG may be");
            }
        }
        close(stages, body);
        if (stages.isEmpty()) {
            throw new DockerfileException("the Dockerfile has no FROM");
        }
        return new Dockerfile(directives, arguments, stages);
    }

    private static void close(List<Stage> stages, List<Instruction> body) {
        if (!stages.isEmpty()) {
            Stage open = stages.removeLast();
            stages.add(new Stage(open.index(), open.name(), open.from(), open.base(), open.platform(), body));
            body.clear();
        }
    }

    private static Stage stage(int index, Instruction from) throws DockerfileException {
        List<String> words = from.words();
        boolean named = words.size() == 3 && words.get(1).equalsIgnoreCase("as");
        if (words.size() != 1 && !named) {
            throw new DockerfileException(
                    from.firstLine(), "FROM takes an image, or an image AS a name, not: " + shown(from.arguments()));
        }
        String name = named ? words.get(2).toLowerCase(Locale.ROOT) : "";
        return new Stage(
                index, name, from, words.getFirst(), from.flag("platform").orElse(""), List.of());
    }

    private static String shown(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "...";
    }
}
