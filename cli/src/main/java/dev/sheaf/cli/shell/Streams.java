package dev.sheaf.cli.shell;

import java.io.InputStream;
import java.io.PrintStream;
import java.util.function.Supplier;

/**
 * The three streams, and what the error stream is.
 *
 * @param terminal the error stream is a terminal
 * @param size of that terminal, now
 * @param colour colours are wanted there
 * @param prompt for what is typed and not shown
 */
public record Streams(
        InputStream in,
        PrintStream out,
        PrintStream err,
        boolean terminal,
        Supplier<TerminalSize> size,
        boolean colour,
        Prompt prompt) {}
