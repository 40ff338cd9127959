/**
 * The services that BuildKit calls back during a build: files, credentials, secrets, health. One set for each build.
 *
 * <p>May import the wire messages and the messages of BuildKit, and the rules of context paths.
 */
@NullMarked
package dev.sheaf.agent.engine.session;

import org.jspecify.annotations.NullMarked;
