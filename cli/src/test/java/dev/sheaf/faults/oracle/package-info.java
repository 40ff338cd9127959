/** Judges a farm by its records and by the registry, never by its logs. */
@NullMarked
package dev.sheaf.faults.oracle;

import org.jspecify.annotations.NullMarked;
