/** Where decisions are kept, before anybody sees their effect. Imports build and dev.sheaf.image only. */
@NullMarked
package dev.sheaf.coordinator.store;

import org.jspecify.annotations.NullMarked;
