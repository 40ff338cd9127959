/** The farm's authority, its certificates and the files that they are in. Imports {@code identity} and Bouncy Castle. */
@NullMarked
package dev.sheaf.coordinator.identity.pki;

import org.jspecify.annotations.NullMarked;
