/**
 * Whose failure a failed build is, and where in the Dockerfile.
 *
 * <p>May import the wire messages and the messages of BuildKit.
 */
@NullMarked
package dev.sheaf.agent.engine.failure;

import org.jspecify.annotations.NullMarked;
