/**
 * What this machine runs natively, and why we believe it: pure judgement in {@link dev.sheaf.agent.host.HostProof}
 * over facts that {@link dev.sheaf.agent.host.HostReader} reads from the kernel. May import dev.sheaf.image only.
 */
@NullMarked
package dev.sheaf.agent.host;

import org.jspecify.annotations.NullMarked;
