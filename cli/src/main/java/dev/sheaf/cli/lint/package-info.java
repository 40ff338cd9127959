/**
 * Looks for what makes an image hold the wrong architecture, in a Dockerfile and the files that it copies. Pure but for
 * the first bytes of those files. May import {@code dev.sheaf.dockerfile} and {@code dev.sheaf.image}.
 */
@NullMarked
package dev.sheaf.cli.lint;

import org.jspecify.annotations.NullMarked;
