/** Sole owner of scheduling state: time and events in, answers and effects out. Single-threaded, does no I/O; imports build, agents, store (its decisions) and dev.sheaf.image only. */
@NullMarked
package dev.sheaf.coordinator.queue;

import org.jspecify.annotations.NullMarked;
