/** The store in a file of the data directory: nothing to install. */
@NullMarked
package dev.sheaf.coordinator.store.sqlite;

import org.jspecify.annotations.NullMarked;
