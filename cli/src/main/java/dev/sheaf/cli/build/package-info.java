/**
 * {@code sheaf build}: flags to a request, and the run from context to result. May import the other packages of the
 * CLI but {@code cli.farm}, {@code dev.sheaf.image}, {@code dev.sheaf.endpoint}, the wire messages and picocli.
 */
@NullMarked
package dev.sheaf.cli.build;

import org.jspecify.annotations.NullMarked;
