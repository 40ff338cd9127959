/** A farm's worth of agents and submitters against one real coordinator: what bench/load runs. */
@NullMarked
package dev.sheaf.coordinator.load;

import org.jspecify.annotations.NullMarked;
