/**
 * What the commands have in common that look at images in registries: logins, what is read there, and what its failures
 * mean. May import {@code cli.credentials}, {@code cli.output}, {@code cli.shell}, {@code dev.sheaf.image} and picocli.
 */
@NullMarked
package dev.sheaf.cli.image;

import org.jspecify.annotations.NullMarked;
