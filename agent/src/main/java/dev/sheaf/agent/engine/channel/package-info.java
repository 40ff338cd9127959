/**
 * gRPC channels to BuildKit: inside Docker Engine, on a Unix socket, or on a port, there with TLS if told how.
 *
 * <p>May import gRPC and Netty only.
 */
@NullMarked
package dev.sheaf.agent.engine.channel;

import org.jspecify.annotations.NullMarked;
