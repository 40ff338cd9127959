@NullMarked
package dev.sheaf;

import org.jspecify.annotations.NullMarked;
