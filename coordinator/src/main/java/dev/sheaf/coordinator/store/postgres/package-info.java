/** The store and the choice of the leader in PostgreSQL, for farms of several coordinators. */
@NullMarked
package dev.sheaf.coordinator.store.postgres;

import org.jspecify.annotations.NullMarked;
