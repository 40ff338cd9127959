package dev.sheaf.image.files;

import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The first program of a shell's command line, where that is certain without being a shell. Pure. */
final class ShellCommand {
    private static final Pattern ASSIGNMENT = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*=[^\\s\"'`$;&|<>()\\\\]*\\s+");
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_./+@:,-]+");
    private static final Set<String> OF_THE_SHELL = Set.of(
            ".",
            ":",
            "[",
            "alias",
            "bg",
            "break",
            "case",
            "cd",
            "command",
            "continue",
            "declare",
            "do",
            "done",
            "echo",
            "elif",
            "else",
            "esac",
            "eval",
            "exit",
            "export",
            "false",
            "fi",
            "for",
            "function",
            "getopts",
            "hash",
            "if",
            "jobs",
            "kill",
            "let",
            "local",
            "printf",
            "pwd",
            "read",
            "readonly",
            "return",
            "set",
            "shift",
            "shopt",
            "source",
            "test",
            "then",
            "time",
            "times",
            "trap",
            "true",
            "type",
            "typeset",
            "ulimit",
            "umask",
            "unalias",
            "unset",
            "until",
            "wait",
            "while");

    private ShellCommand() {}

    static Optional<String> program(String line) {
        String rest = line.stripLeading();
        for (int skipped = 0; skipped < 20; skipped++) {
            Matcher assignment = ASSIGNMENT.matcher(rest);
            if (assignment.lookingAt()) {
                rest = rest.substring(assignment.end());
            } else if (rest.startsWith("exec ")) {
                rest = rest.substring("exec ".length()).stripLeading();
            } else {
                break;
            }
        }
        Matcher word = WORD.matcher(rest);
        if (!word.lookingAt()) {
            return Optional.empty();
        }
        boolean ends = word.end() == rest.length() || " \t\n;&|<>".indexOf(rest.charAt(word.end())) >= 0;
        String found = word.group();
        return ends && !found.startsWith("-") && !OF_THE_SHELL.contains(found) ? Optional.of(found) : Optional.empty();
    }
}
