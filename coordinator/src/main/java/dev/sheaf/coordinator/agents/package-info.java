/** What agents say of themselves and what they are told. Pure values; imports build and dev.sheaf.image only. */
@NullMarked
package dev.sheaf.coordinator.agents;

import org.jspecify.annotations.NullMarked;
