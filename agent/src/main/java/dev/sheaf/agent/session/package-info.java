/**
 * The agent's conversation with the coordinator: what it holds, what it should hold, when it must stop by itself. The
 * judgement is in {@link dev.sheaf.agent.session.SessionState}, without clock, thread or network; {@link
 * dev.sheaf.agent.session.Session} gives it those. May import dev.sheaf.agent.slice and the wire.
 */
@NullMarked
package dev.sheaf.agent.session;

import org.jspecify.annotations.NullMarked;
