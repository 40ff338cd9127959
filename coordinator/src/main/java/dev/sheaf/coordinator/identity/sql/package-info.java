/** Identities in the tables of a database. Imports {@code identity}, {@code store.sql} and {@code store}. */
@NullMarked
package dev.sheaf.coordinator.identity.sql;

import org.jspecify.annotations.NullMarked;
