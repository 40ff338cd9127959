/**
 * The way to whichever coordinator leads, for CLI and agent. May import {@code dev.sheaf.endpoint} and gRPC's API.
 */
@NullMarked
package dev.sheaf.endpoint.route;

import org.jspecify.annotations.NullMarked;
