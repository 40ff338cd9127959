@NullMarked
package dev.sheaf.endpoint.route;

import org.jspecify.annotations.NullMarked;
