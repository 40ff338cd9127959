package dev.sheaf.cli.context;

import java.io.InputStream;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;

/**
 * What the loading of a context needs of the outside.
 *
 * @param workingDirectory relative paths start here
 * @param home the user's home directory, for the cache when {@code XDG_CACHE_HOME} is not set
 * @param variables environment variables
 * @param stdin read for "-"
 */
public record ContextEnvironment(
        Path workingDirectory, Path home, Map<String, String> variables, InputStream stdin, InstantSource clock) {
    public ContextEnvironment {
        variables = Map.copyOf(variables);
    }

    Path cacheDirectory() {
        String configured = variables.getOrDefault("XDG_CACHE_HOME", "");
        // The XDG specification says that a relative path is to be ignored.
        Path base = configured.startsWith("/") ? Path.of(configured) : home.resolve(".cache");
        return base.resolve("sheaf");
    }
}
