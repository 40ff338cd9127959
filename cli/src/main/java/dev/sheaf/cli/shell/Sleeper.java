package dev.sheaf.cli.shell;

import java.time.Duration;

/** Lets time pass. */
@FunctionalInterface
public interface Sleeper {
    void sleep(Duration time) throws InterruptedException;
}
