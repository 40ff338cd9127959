/** Who is behind a call, decided once, before any service hears of it. Imports {@code identity} and gRPC. */
@NullMarked
package dev.sheaf.coordinator.rpc.caller;

import org.jspecify.annotations.NullMarked;
