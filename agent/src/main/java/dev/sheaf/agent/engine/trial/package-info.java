/**
 * What an engine is given to build so that it shows what it is.
 *
 * <p>May import the contexts of the session and the farm's messages.
 */
@NullMarked
package dev.sheaf.agent.engine.trial;

import org.jspecify.annotations.NullMarked;
