/** Tests of lint. */
@NullMarked
package dev.sheaf.cli.lint;

import org.jspecify.annotations.NullMarked;
