/**
 * How a build context is named, ordered and filtered: the rules that BuildKit's own clients follow, so that a tree
 * built by the CLI and served by an agent means the same as a directory given to BuildKit. Imports the JDK and
 * {@code dev.sheaf.v1} only.
 */
@NullMarked
package dev.sheaf.context;

import org.jspecify.annotations.NullMarked;
