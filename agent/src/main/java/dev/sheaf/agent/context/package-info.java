/**
 * The files of a build, as the coordinator's context store gives them: the list at once, contents while the engine
 * reads. May import dev.sheaf.agent.engine.session and the wire.
 */
@NullMarked
package dev.sheaf.agent.context;

import org.jspecify.annotations.NullMarked;
