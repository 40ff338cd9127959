/** Tests of the OCI values. */
@NullMarked
package dev.sheaf.image;

import org.jspecify.annotations.NullMarked;
