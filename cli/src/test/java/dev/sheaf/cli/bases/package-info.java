/** Tests of bases. */
@NullMarked
package dev.sheaf.cli.bases;

import org.jspecify.annotations.NullMarked;
