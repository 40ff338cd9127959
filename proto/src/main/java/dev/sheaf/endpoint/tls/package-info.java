/**
 * How programs of the farm know whom they speak with: tokens, the pin of the farm's authority, TLS 1.3 and what its
 * failures mean. May import {@code dev.sheaf.endpoint}, gRPC and netty's TLS.
 */
@NullMarked
package dev.sheaf.endpoint.tls;

import org.jspecify.annotations.NullMarked;
