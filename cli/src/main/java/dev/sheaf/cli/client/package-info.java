/**
 * Speaks with the coordinator, across lost connections. May import {@code cli.shell}, {@code cli.output},
 * {@code dev.sheaf.endpoint} and its route, the wire messages, picocli and gRPC.
 */
@NullMarked
package dev.sheaf.cli.client;

import org.jspecify.annotations.NullMarked;
