/**
 * The log of each build: bounded, on disk, followed by any number of watchers.
 * May import {@code dev.sheaf.v1} and protobuf; nothing else of ours, nothing of gRPC.
 */
@NullMarked
package dev.sheaf.coordinator.log;

import org.jspecify.annotations.NullMarked;
