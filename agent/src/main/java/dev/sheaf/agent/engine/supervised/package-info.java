/**
 * A BuildKit of the agent's own, in a container of a Docker Engine: started, watched, started again, removed.
 *
 * <p>May import the engine that it is one of, and the Docker client library.
 */
@NullMarked
package dev.sheaf.agent.engine.supervised;

import org.jspecify.annotations.NullMarked;
