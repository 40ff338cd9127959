/** How the operating system asks a program to end. May import nothing of ours. */
@NullMarked
package dev.sheaf.signal;

import org.jspecify.annotations.NullMarked;
