@NullMarked
package dev.sheaf.cli.progress;

import org.jspecify.annotations.NullMarked;
