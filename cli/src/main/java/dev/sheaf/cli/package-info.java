/** The program {@code sheaf}: reads the command line and puts the commands together. May import all of the CLI. */
@NullMarked
package dev.sheaf.cli;

import org.jspecify.annotations.NullMarked;
