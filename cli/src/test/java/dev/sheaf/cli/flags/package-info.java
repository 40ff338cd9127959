@NullMarked
package dev.sheaf.cli.flags;

import org.jspecify.annotations.NullMarked;
