@NullMarked
package dev.sheaf.image.files;

import org.jspecify.annotations.NullMarked;
