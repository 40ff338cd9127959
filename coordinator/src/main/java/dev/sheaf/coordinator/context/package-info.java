/**
 * Build contexts by digest, within a quota: what an agent may fetch, and what a submitter is still asked for.
 * May import {@code dev.sheaf.image}; nothing of gRPC, nothing of the wire.
 */
@NullMarked
package dev.sheaf.coordinator.context;

import org.jspecify.annotations.NullMarked;
