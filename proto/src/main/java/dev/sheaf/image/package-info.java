/** OCI values that cannot be wrong. Imports the JDK and the JSON library, nothing else of ours. */
@NullMarked
package dev.sheaf.image;

import org.jspecify.annotations.NullMarked;
