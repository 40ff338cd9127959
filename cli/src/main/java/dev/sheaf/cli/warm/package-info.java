/** What only {@code warm} runs, to have something to teach the other programs with. */
@NullMarked
package dev.sheaf.cli.warm;

import org.jspecify.annotations.NullMarked;
