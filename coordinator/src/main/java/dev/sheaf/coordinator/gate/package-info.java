/** Looks into what was built before anything is published: is it for its platform inside? Imports dispatch, publish. */
@NullMarked
package dev.sheaf.coordinator.gate;

import org.jspecify.annotations.NullMarked;
