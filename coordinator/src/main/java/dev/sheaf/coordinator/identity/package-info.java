/**
 * Who calls and what they may do: agents' identities, users, invitations. Knows neither wire nor database nor queue.
 * Imports {@code dev.sheaf.image} and {@code dev.sheaf.endpoint.tls}.
 */
@NullMarked
package dev.sheaf.coordinator.identity;

import org.jspecify.annotations.NullMarked;
