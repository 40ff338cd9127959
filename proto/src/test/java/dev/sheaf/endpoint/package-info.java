/** Tests of addresses. */
@NullMarked
package dev.sheaf.endpoint;

import org.jspecify.annotations.NullMarked;
