package dev.sheaf.dockerfile;

import dev.sheaf.image.Platform;
import java.util.List;
import java.util.Map;

/**
 * What of a Dockerfile is built.
 *
 * @param target name or number of a stage; empty: the last
 * @param platforms at least one
 * @param arguments the build arguments that the user gave
 */
public record BuildSelection(String target, List<Platform> platforms, Map<String, String> arguments) {
    public BuildSelection {
        platforms = List.copyOf(platforms);
        arguments = Map.copyOf(arguments);
    }
}
