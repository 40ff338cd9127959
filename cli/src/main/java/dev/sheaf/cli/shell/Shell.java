package dev.sheaf.cli.shell;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Everything from outside that commands use, in one place so that tests can give their own.
 *
 * @param environment the environment variables
 * @param directory what relative paths start from
 * @param uuids random ones
 * @param interrupts takes what to run each time the user presses Ctrl-C
 * @param leave ends the program at once, whatever runs
 */
public record Shell(
        Streams streams,
        Map<String, String> environment,
        Path directory,
        InstantSource clock,
        Sleeper sleeper,
        Supplier<UUID> uuids,
        Consumer<Runnable> interrupts,
        Consumer<ExitCode> leave) {

    public Shell {
        environment = Map.copyOf(environment);
    }

    /** The variable's value, unless it is unset or empty. */
    public Optional<String> variable(String name) {
        return Optional.ofNullable(environment.get(name)).filter(value -> !value.isEmpty());
    }
}
