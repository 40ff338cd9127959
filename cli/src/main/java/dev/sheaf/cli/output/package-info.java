/**
 * What a build leaves behind for people and for scripts: the report, the files, the failure. May import
 * {@code cli.shell}, the wire messages and Jackson.
 */
@NullMarked
package dev.sheaf.cli.output;

import org.jspecify.annotations.NullMarked;
