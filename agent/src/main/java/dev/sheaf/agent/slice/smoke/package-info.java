/** Runs an image once, on the engine that built it. May import {@code engine} and the wire messages. */
@NullMarked
package dev.sheaf.agent.slice.smoke;

import org.jspecify.annotations.NullMarked;
