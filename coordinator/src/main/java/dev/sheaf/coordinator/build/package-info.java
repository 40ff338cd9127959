/** What a build is: values, the states of its slices and the table of their transitions. Pure; imports dev.sheaf.image only. */
@NullMarked
package dev.sheaf.coordinator.build;

import org.jspecify.annotations.NullMarked;
