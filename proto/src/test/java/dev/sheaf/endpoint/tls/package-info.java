@NullMarked
package dev.sheaf.endpoint.tls;

import org.jspecify.annotations.NullMarked;
