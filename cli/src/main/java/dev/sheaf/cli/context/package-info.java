/**
 * The build context on the user's side: found, listed, hashed, and sent blob by blob when the farm asks. Imports
 * {@code dev.sheaf.context}, {@code dev.sheaf.v1} and {@code dev.sheaf.cli.process}.
 */
@NullMarked
package dev.sheaf.cli.context;

import org.jspecify.annotations.NullMarked;
