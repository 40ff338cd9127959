/** Where decisions are kept, before anybody sees their effect. Imports build only. */
@NullMarked
package dev.sheaf.coordinator.store;

import org.jspecify.annotations.NullMarked;
