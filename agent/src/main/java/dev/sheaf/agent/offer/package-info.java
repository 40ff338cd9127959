/**
 * What the agent offers to the farm: what the host proves, within what the operator allows, while the engine is fit.
 * May import dev.sheaf.agent.host, dev.sheaf.agent.engine, dev.sheaf.image and the wire.
 */
@NullMarked
package dev.sheaf.agent.offer;

import org.jspecify.annotations.NullMarked;
