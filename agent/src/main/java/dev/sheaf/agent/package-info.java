/**
 * The agent program: puts its parts together, starts and stops them. May import everything of the agent; nothing
 * imports it.
 */
@NullMarked
package dev.sheaf.agent;

import org.jspecify.annotations.NullMarked;
