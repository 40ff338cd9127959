/** How the operating system asks a program to end, and hears that it has begun. May import nothing of ours. */
@NullMarked
package dev.sheaf.signal;

import org.jspecify.annotations.NullMarked;
