/** Which agents an operator means. Pure. Imports {@code dev.sheaf.image} only. */
@NullMarked
package dev.sheaf.coordinator.identity.selection;

import org.jspecify.annotations.NullMarked;
