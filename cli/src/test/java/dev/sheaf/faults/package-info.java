/** Rows of the failure table (docs/failure-table.md), each with real processes that are made to fail. */
@NullMarked
package dev.sheaf.faults;

import org.jspecify.annotations.NullMarked;
