/** What every module's tests share: the rules of the house and the way to the lab. Imports ArchUnit and JUnit only. */
@NullMarked
package dev.sheaf.architecture;

import org.jspecify.annotations.NullMarked;
