/** The distribution protocol of registries, over java.net.http. Imports dev.sheaf.image and dev.sheaf.endpoint. */
@NullMarked
package dev.sheaf.image.registry;

import org.jspecify.annotations.NullMarked;
