package dev.sheaf.cli.shell;

import java.io.InputStream;
import java.io.PrintStream;

/**
 * The three streams, and what the error stream is.
 *
 * @param terminal the error stream is a terminal
 * @param columns width of that terminal in characters
 * @param colour colours are wanted there
 */
public record Streams(
        InputStream in, PrintStream out, PrintStream err, boolean terminal, int columns, boolean colour) {}
