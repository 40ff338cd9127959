/**
 * What only Docker Engine's own interface tells: its version and its image store.
 *
 * <p>May import the Docker client library only.
 */
@NullMarked
package dev.sheaf.agent.engine.docker;

import org.jspecify.annotations.NullMarked;
