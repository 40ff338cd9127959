/**
 * The farm's front door: three gRPC services over the dispatcher, the context store and the logs.
 * May import every package of the coordinator but its main one.
 */
@NullMarked
package dev.sheaf.coordinator.rpc;

import org.jspecify.annotations.NullMarked;
