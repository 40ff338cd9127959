/** What the stores in databases share: statements, stored forms, transactions, migrations. */
@NullMarked
package dev.sheaf.coordinator.store.sql;

import org.jspecify.annotations.NullMarked;
