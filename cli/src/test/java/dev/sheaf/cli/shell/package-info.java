@NullMarked
package dev.sheaf.cli.shell;

import org.jspecify.annotations.NullMarked;
