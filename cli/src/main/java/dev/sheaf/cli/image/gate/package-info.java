/**
 * Whether images that are in a registry hold what their platforms run. May import {@code cli.image}, {@code cli.output},
 * {@code cli.shell}, {@code dev.sheaf.image} and picocli.
 */
@NullMarked
package dev.sheaf.cli.image.gate;

import org.jspecify.annotations.NullMarked;
