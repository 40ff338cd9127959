@NullMarked
package dev.sheaf.image.check;

import org.jspecify.annotations.NullMarked;
