/**
 * What the program was started in, and how it ends: streams, environment, clock, exit codes. May import the wire's
 * failure classes and the JDK.
 */
@NullMarked
package dev.sheaf.cli.shell;

import org.jspecify.annotations.NullMarked;
