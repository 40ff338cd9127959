package dev.sheaf.cli.shell;

import java.util.Optional;

/** Asks whoever sits at the terminal for something that must not be seen there. */
@FunctionalInterface
public interface Prompt {
    /** What was typed after this text. Empty: nobody sits at a terminal, standard input is something else. */
    Optional<String> secret(String text) throws CliException;
}
