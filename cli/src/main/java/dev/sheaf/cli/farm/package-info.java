/**
 * The commands that look at the farm and its builds. May import {@code cli.client}, {@code cli.flags},
 * {@code cli.progress}, {@code cli.output}, {@code cli.shell}, the wire messages and picocli.
 */
@NullMarked
package dev.sheaf.cli.farm;

import org.jspecify.annotations.NullMarked;
