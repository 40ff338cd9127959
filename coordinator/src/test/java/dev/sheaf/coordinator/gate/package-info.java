@NullMarked
package dev.sheaf.coordinator.gate;

import org.jspecify.annotations.NullMarked;
