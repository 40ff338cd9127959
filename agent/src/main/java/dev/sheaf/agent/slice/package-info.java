/**
 * Runs one slice: {@link dev.sheaf.agent.slice.SliceRunner} and what is put around it, one concern each. May import
 * dev.sheaf.agent.engine, dev.sheaf.agent.context and the wire.
 */
@NullMarked
package dev.sheaf.agent.slice;

import org.jspecify.annotations.NullMarked;
