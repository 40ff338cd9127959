/** The whole farm as its users run it: real programs, a real engine, a real registry. */
@NullMarked
package dev.sheaf.farm;

import org.jspecify.annotations.NullMarked;
