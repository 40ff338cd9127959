/**
 * Steps of builds that go on although their engine was killed: found among this machine's processes, and ended.
 *
 * <p>Imports nothing of Sheaf.
 */
@NullMarked
package dev.sheaf.agent.engine.orphan;

import org.jspecify.annotations.NullMarked;
