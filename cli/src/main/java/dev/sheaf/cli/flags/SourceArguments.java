package dev.sheaf.cli.flags;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.image.Platform;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads what says for which platforms and with which arguments a Dockerfile is meant. */
public final class SourceArguments {
    private SourceArguments() {}

    /** This machine's platform. */
    public static Platform machine() {
        return Platform.of("linux", System.getProperty("os.arch", "amd64"));
    }

    /** Reads --platform, or else DOCKER_DEFAULT_PLATFORM; neither: the given ones. */
    public static List<Platform> platforms(List<String> flags, Shell shell, List<Platform> otherwise)
            throws CliException {
        List<String> written = new ArrayList<>(flags);
        if (written.isEmpty()) {
            shell.variable("DOCKER_DEFAULT_PLATFORM").ifPresent(written::add);
        }
        Set<Platform> platforms = new LinkedHashSet<>();
        for (String list : written) {
            for (String one : list.split(",", -1)) {
                platforms.add(platform(one.strip()));
            }
        }
        return platforms.isEmpty() ? otherwise : List.copyOf(platforms);
    }

    private static Platform platform(String text) throws CliException {
        if (text.equals("local")) {
            return machine();
        }
        try {
            return Platform.parse(text);
        } catch (IllegalArgumentException e) {
            throw CliException.user("--platform: " + e.getMessage());
        }
    }

    /** Reads --build-arg; one without a value takes the environment's, if there is one. */
    public static Map<String, String> buildArgs(List<String> flags, Shell shell) throws CliException {
        Map<String, String> arguments = new LinkedHashMap<>();
        shell.variable("SOURCE_DATE_EPOCH").ifPresent(value -> arguments.put("SOURCE_DATE_EPOCH", value));
        for (String text : flags) {
            int equals = text.indexOf('=');
            String name = equals < 0 ? text : text.substring(0, equals);
            if (name.isEmpty()) {
                throw CliException.user("--build-arg \"" + text + "\" has no name; write NAME=VALUE");
            }
            if (equals >= 0) {
                arguments.put(name, text.substring(equals + 1));
            } else if (shell.environment().containsKey(name)) {
                arguments.put(name, shell.environment().getOrDefault(name, ""));
            }
        }
        return arguments;
    }
}
