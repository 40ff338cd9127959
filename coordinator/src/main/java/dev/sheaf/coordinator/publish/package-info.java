/**
 * Reads back from registries what agents pushed, and publishes what the farm stitched.
 * May import {@code build}, {@code dispatch} and {@code dev.sheaf.image}; nothing of the wire.
 */
@NullMarked
package dev.sheaf.coordinator.publish;

import org.jspecify.annotations.NullMarked;
