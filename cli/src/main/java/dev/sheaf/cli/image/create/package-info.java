/**
 * {@code sheaf create}. May import {@code cli.architecture}, {@code cli.image}, {@code cli.image.gate},
 * {@code cli.flags}, {@code cli.output}, {@code cli.shell}, {@code dev.sheaf.image} and picocli.
 */
@NullMarked
package dev.sheaf.cli.image.create;

import org.jspecify.annotations.NullMarked;
