/** Faults on the wire: a network of its own for a program, a connection that misbehaves, a registry that lies. */
@NullMarked
package dev.sheaf.faults.chaos;

import org.jspecify.annotations.NullMarked;
