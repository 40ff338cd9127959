/** Whether an image holds what its platform runs: rules over facts. Pure. */
@NullMarked
package dev.sheaf.image.arch;

import org.jspecify.annotations.NullMarked;
