/** A real registry of a test's own, its troubles, and images for it. */
@NullMarked
package dev.sheaf.testregistry;

import org.jspecify.annotations.NullMarked;
