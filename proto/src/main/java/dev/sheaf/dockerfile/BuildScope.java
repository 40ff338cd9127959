package dev.sheaf.dockerfile;

import dev.sheaf.image.Platform;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a Dockerfile's variables are in one slice.
 *
 * @param target the slice's platform: TARGETPLATFORM and its parts
 * @param build the platform of the machine that builds: BUILDPLATFORM and its parts
 * @param arguments the build arguments that the user gave
 */
public record BuildScope(Platform target, Platform build, Map<String, String> arguments) {
    /** The arguments that BuildKit sets by itself, and that a stage must declare to see. */
    public static final List<String> PLATFORM_ARGUMENTS = List.of(
            "TARGETPLATFORM",
            "TARGETOS",
            "TARGETARCH",
            "TARGETVARIANT",
            "BUILDPLATFORM",
            "BUILDOS",
            "BUILDARCH",
            "BUILDVARIANT");

    public BuildScope {
        arguments = Map.copyOf(arguments);
    }

    /** Without build arguments, built on a machine of the same platform. */
    public static BuildScope natively(Platform platform) {
        return new BuildScope(platform, platform, Map.of());
    }

    private Map<String, String> platforms() {
        Map<String, String> values = new TreeMap<>();
        put(values, "TARGET", target);
        put(values, "BUILD", build);
        values.replaceAll((name, value) -> arguments.getOrDefault(name, value));
        return values;
    }

    private static void put(Map<String, String> values, String prefix, Platform platform) {
        values.put(prefix + "PLATFORM", platform.toString());
        values.put(prefix + "OS", platform.os());
        values.put(prefix + "ARCH", platform.architecture());
        values.put(prefix + "VARIANT", platform.variant());
    }

    /** What a FROM can see: the arguments before the first FROM, and the platform arguments. */
    Map<String, String> global(Dockerfile file) throws DockerfileException {
        Map<String, String> values = new HashMap<>(platforms());
        for (Instruction instruction : file.arguments()) {
            for (Instruction.Assignment argument : instruction.assignments()) {
                String given = arguments.get(argument.name());
                if (given != null) {
                    values.put(argument.name(), given);
                } else if (argument.value().isPresent()) {
                    values.put(argument.name(), expand(argument.value().get(), file.escape(), values));
                }
            }
        }
        return values;
    }

    /** What a stage's {@code ARG name} without a default has; nothing: it has none, or the file cannot be expanded. */
    public Optional<String> argument(Dockerfile file, String name) {
        if (arguments.containsKey(name)) {
            return Optional.of(arguments.get(name));
        }
        try {
            return Optional.ofNullable(global(file).get(name));
        } catch (DockerfileException _) {
            return Optional.empty(); // whoever looks for images says why
        }
    }

    static String expand(String text, char escape, Map<String, String> values) throws DockerfileException {
        return Variables.expand(text, escape, name -> Optional.ofNullable(values.get(name)));
    }
}
