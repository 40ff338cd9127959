/**
 * Which of a build's logins is for which registry.
 *
 * <p>May import the farm's messages.
 */
@NullMarked
package dev.sheaf.agent.engine.login;

import org.jspecify.annotations.NullMarked;
