/**
 * Shows a build while it runs. May import {@code cli.shell}, {@code cli.output}, {@code cli.client}, the wire
 * messages and Jackson.
 */
@NullMarked
package dev.sheaf.cli.progress;

import org.jspecify.annotations.NullMarked;
