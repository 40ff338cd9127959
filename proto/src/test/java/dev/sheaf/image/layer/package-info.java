@NullMarked
package dev.sheaf.image.layer;

import org.jspecify.annotations.NullMarked;
