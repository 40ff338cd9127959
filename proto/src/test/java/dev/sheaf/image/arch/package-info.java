@NullMarked
package dev.sheaf.image.arch;

import org.jspecify.annotations.NullMarked;
