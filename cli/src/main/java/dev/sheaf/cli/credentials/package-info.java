/**
 * Registry credentials as Docker's command line keeps them, and which of them a build needs. Imports
 * {@code dev.sheaf.image}, {@code dev.sheaf.v1} and {@code dev.sheaf.cli.process}.
 */
@NullMarked
package dev.sheaf.cli.credentials;

import org.jspecify.annotations.NullMarked;
