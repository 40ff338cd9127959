/** What the shell and the queue say to each other: effects, limits, refusals. Pure values; imports build, store and dev.sheaf.image. */
@NullMarked
package dev.sheaf.coordinator.queue.api;

import org.jspecify.annotations.NullMarked;
