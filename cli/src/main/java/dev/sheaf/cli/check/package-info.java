/**
 * {@code sheaf check}, and its findings as warnings of {@code sheaf build}: what is wrong before anything is built. May
 * import {@code cli.bases}, {@code cli.context}, {@code cli.credentials}, {@code cli.flags}, {@code cli.lint},
 * {@code cli.output} and {@code cli.shell}.
 */
@NullMarked
package dev.sheaf.cli.check;

import org.jspecify.annotations.NullMarked;
