/** How the user wants an image's content compared with its platform. */
@NullMarked
package dev.sheaf.cli.architecture;

import org.jspecify.annotations.NullMarked;
