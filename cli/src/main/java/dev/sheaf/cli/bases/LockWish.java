package dev.sheaf.cli.bases;

import java.nio.file.Path;

/** What a build does with a lock file. */
public sealed interface LockWish {
    /** Nothing: references are asked for, and nothing is written. */
    record None() implements LockWish {}

    /** What references point to now is written into this file. */
    record Write(Path file) implements LockWish {}

    /** References point to what this file says. */
    record Read(Path file) implements LockWish {}
}
