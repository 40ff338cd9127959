/** Where programs of the farm listen and call, and where they may do so in clear text. Imports the JDK only. */
@NullMarked
package dev.sheaf.endpoint;

import org.jspecify.annotations.NullMarked;
