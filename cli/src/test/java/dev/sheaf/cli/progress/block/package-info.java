@NullMarked
package dev.sheaf.cli.progress.block;

import org.jspecify.annotations.NullMarked;
