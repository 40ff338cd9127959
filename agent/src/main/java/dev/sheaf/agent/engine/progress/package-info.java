/**
 * What an engine reports, in the farm's words.
 *
 * <p>May import BuildKit's messages and the farm's.
 */
@NullMarked
package dev.sheaf.agent.engine.progress;

import org.jspecify.annotations.NullMarked;
