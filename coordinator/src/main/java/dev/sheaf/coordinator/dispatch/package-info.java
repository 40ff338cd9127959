/** The shell around the queue: one lock, the clock, waiting callers, effects run after they are durable. Imports build, agents, queue, store. */
@NullMarked
package dev.sheaf.coordinator.dispatch;

import org.jspecify.annotations.NullMarked;
