/**
 * Builds one slice with the BuildKit of this machine, inside Docker Engine or alone, over its gRPC interface.
 *
 * <p>May import the packages below it, the wire messages and the messages of BuildKit; nothing else of the agent.
 */
@NullMarked
package dev.sheaf.agent.engine;

import org.jspecify.annotations.NullMarked;
