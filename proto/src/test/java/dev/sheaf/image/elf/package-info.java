@NullMarked
package dev.sheaf.image.elf;

import org.jspecify.annotations.NullMarked;
