/** What happens by the passing of time alone. Pure. */
@NullMarked
package dev.sheaf.coordinator.queue.time;

import org.jspecify.annotations.NullMarked;
