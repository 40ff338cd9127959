package dev.sheaf.cli.lint;

import dev.sheaf.image.Platform;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The names by which downloads, compilers and packages call architectures. */
final class Architectures {
    static final String NAME =
            "(?<![A-Za-z0-9])(x86[_-]64|amd64|x64|aarch64|arm64v8|arm64|arm32v[567]|armv[5678](?:l|hf|a)?"
                    + "|armhf|armel|i[3-6]86|386|ppc64le|ppc64el|s390x|riscv64)(?![A-Za-z0-9])";
    private static final Pattern NAMED = Pattern.compile(NAME);

    private Architectures() {}

    /** Those that the text names, as platforms name them. */
    static Set<String> in(CharSequence text) {
        Set<String> found = new TreeSet<>();
        Matcher names = NAMED.matcher(text);
        while (names.find()) {
            found.add(of(names.group(1)));
        }
        return found;
    }

    private static String of(String name) {
        return switch (name) {
            case "x86_64", "x86-64", "amd64", "x64" -> "amd64";
            case "aarch64", "arm64", "arm64v8", "armv8", "armv8l", "armv8a" -> "arm64";
            case "ppc64le", "ppc64el" -> "ppc64le";
            case "s390x", "riscv64" -> name;
            default -> name.startsWith("arm") ? "arm" : "386";
        };
    }

    /** Whether some of the platforms are of none of these architectures, though something of them is named. */
    static boolean leaveOut(Collection<String> named, Collection<Platform> platforms) {
        return !named.isEmpty() && platforms.stream().anyMatch(platform -> !named.contains(platform.architecture()));
    }
}
