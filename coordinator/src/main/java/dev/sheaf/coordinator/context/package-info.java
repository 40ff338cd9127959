/**
 * Build contexts by digest, within a quota: what an agent may fetch, and what a submitter is still asked for.
 * May import {@code dev.sheaf.image} and, to read trees, {@code dev.sheaf.v1}; nothing of gRPC.
 */
@NullMarked
package dev.sheaf.coordinator.context;

import org.jspecify.annotations.NullMarked;
