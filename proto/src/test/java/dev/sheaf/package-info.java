/** Tests of the module as a whole. */
@NullMarked
package dev.sheaf;

import org.jspecify.annotations.NullMarked;
