/** The block that is redrawn at the end of a terminal: what to draw where, as pure functions. Imports nothing. */
@NullMarked
package dev.sheaf.cli.progress.block;

import org.jspecify.annotations.NullMarked;
