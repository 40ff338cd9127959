/** Runs other programs: git, credential helpers. Imports the JDK only. */
@NullMarked
package dev.sheaf.cli.process;

import org.jspecify.annotations.NullMarked;
