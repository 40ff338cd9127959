/** Which of several coordinators leads: one row that expires, an epoch for each who takes it. */
@NullMarked
package dev.sheaf.coordinator.leader;

import org.jspecify.annotations.NullMarked;
