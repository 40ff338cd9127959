/** Tests of the registry client, against real registries and against servers that misbehave. */
@NullMarked
package dev.sheaf.image.registry;

import org.jspecify.annotations.NullMarked;
