/**
 * Flags that several commands have, and how their values are read. May import {@code cli.shell}, {@code cli.context},
 * {@code dev.sheaf.image}, the wire messages and picocli.
 */
@NullMarked
package dev.sheaf.cli.flags;

import org.jspecify.annotations.NullMarked;
