/** The coordinator's program: puts its parts together, starts and stops them. May import everything of the coordinator. */
@NullMarked
package dev.sheaf.coordinator;

import org.jspecify.annotations.NullMarked;
