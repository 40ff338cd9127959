/** The time that the dispatcher goes by. Imports the JDK only. */
@NullMarked
package dev.sheaf.coordinator.dispatch.time;

import org.jspecify.annotations.NullMarked;
