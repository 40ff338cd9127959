/** For which machine a program or shared library was made; read from its first bytes. */
@NullMarked
package dev.sheaf.image.elf;

import org.jspecify.annotations.NullMarked;
