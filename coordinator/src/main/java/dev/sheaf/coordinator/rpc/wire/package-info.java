/**
 * Between the wire and the domain: what comes in is checked here once, with a sentence for whoever sent it.
 * May import {@code dev.sheaf.v1}, {@code build}, {@code agents}, {@code dispatch} and {@code dev.sheaf.image}.
 */
@NullMarked
package dev.sheaf.coordinator.rpc.wire;

import org.jspecify.annotations.NullMarked;
