/**
 * The images that a build takes something from, each resolved once, and the lock file that repeats it. May import
 * {@code dev.sheaf.dockerfile}, {@code dev.sheaf.image}, {@code cli.shell} and the wire messages.
 */
@NullMarked
package dev.sheaf.cli.bases;

import org.jspecify.annotations.NullMarked;
