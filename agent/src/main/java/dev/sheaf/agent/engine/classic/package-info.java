/**
 * The classic image store of a Docker Engine: images get temporary names, are pushed by them, and lose them again.
 *
 * <p>May import the Docker client library, registries, the farm's messages, and from the session whose logins are whose.
 */
@NullMarked
package dev.sheaf.agent.engine.classic;

import org.jspecify.annotations.NullMarked;
