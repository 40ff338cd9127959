/** Where a slice is built: values that decide nothing. Imports nothing of ours. */
@NullMarked
package dev.sheaf.coordinator.build.host;

import org.jspecify.annotations.NullMarked;
