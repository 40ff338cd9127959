package dev.sheaf.cli.build;

import dev.sheaf.cli.shell.CliException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the arguments as docker does before the parser sees them: a flag that may stand alone never takes the next
 * argument, and a flag of docker buildx build that Sheaf does not have is refused by its name, never ignored.
 */
final class BuildArguments {
    private static final Set<String> WITH_VALUE = Set.of(
            "--platform",
            "--tag",
            "-t",
            "--file",
            "-f",
            "--build-arg",
            "--target",
            "--label",
            "--secret",
            "--wait",
            "--smoke",
            "--smoke-timeout",
            "--progress",
            "--metadata-file",
            "--iidfile",
            "--coordinator");
    private static final Set<String> ALONE =
            Set.of("--push", "--no-cache", "--pull", "--provenance", "--quiet", "--detach", "--help");
    private static final Set<String> LOCKS = Set.of("--write-lock", "--locked");
    private static final String LOCK_FILE = "sheaf.lock";
    private static final String NO_EXPORT = "the result goes to a registry: use --tag and --push";
    private static final String NO_LIMIT = "limits are the engine's own, set on the agent";
    private static final String NO_LEGACY = "BuildKit has no such thing";
    /** Flags of docker buildx build, with what to do instead. */
    private static final Map<String, String> REFUSED = Map.ofEntries(
            Map.entry("--load", NO_EXPORT + ", then docker pull"),
            Map.entry("--output", NO_EXPORT),
            Map.entry("-o", NO_EXPORT),
            Map.entry("--add-host", "set the name on the agents, or in a RUN step"),
            Map.entry("--allow", "no build gets more rights than the engine's defaults"),
            Map.entry("--annotation", "use --label, which ends in the image config"),
            Map.entry("--attest", "use --provenance"),
            Map.entry("--sbom", "make one from the pushed image"),
            Map.entry("--build-context", "copy the directory into the main context"),
            Map.entry("--builder", "name the farm with --coordinator"),
            Map.entry("--cache-from", "every agent keeps its own cache between builds"),
            Map.entry("--cache-to", "every agent keeps its own cache between builds"),
            Map.entry("--call", "use docker buildx build --call"),
            Map.entry("--check", "use docker buildx build --check"),
            Map.entry("--print", "use docker buildx build --print"),
            Map.entry("--cgroup-parent", NO_LIMIT),
            Map.entry("--no-cache-filter", "use --no-cache"),
            Map.entry("--network", "steps run in the engine's default network"),
            Map.entry("--policy", "no source policy is evaluated"),
            Map.entry("--resource", NO_LIMIT),
            Map.entry("--shm-size", NO_LIMIT),
            Map.entry(
                    "--ssh",
                    "fetch over https:// with --secret id=GIT_AUTH_TOKEN,env=NAME, in a RUN step with --secret"),
            Map.entry("--ulimit", NO_LIMIT),
            Map.entry("--debug", "use --progress plain"),
            Map.entry("-D", "use --progress plain"),
            Map.entry("--memory", NO_LIMIT),
            Map.entry("-m", NO_LIMIT),
            Map.entry("--memory-swap", NO_LIMIT),
            Map.entry("--cpu-shares", NO_LIMIT),
            Map.entry("-c", NO_LIMIT),
            Map.entry("--cpu-period", NO_LIMIT),
            Map.entry("--cpu-quota", NO_LIMIT),
            Map.entry("--cpuset-cpus", NO_LIMIT),
            Map.entry("--cpuset-mems", NO_LIMIT),
            Map.entry("--compress", NO_LEGACY),
            Map.entry("--isolation", NO_LEGACY),
            Map.entry("--security-opt", NO_LEGACY),
            Map.entry("--squash", NO_LEGACY),
            Map.entry("--rm", NO_LEGACY),
            Map.entry("--force-rm", NO_LEGACY));

    private BuildArguments() {}

    /** The names that are refused, for tests and help. */
    static Set<String> refusedNames() {
        return REFUSED.keySet();
    }

    /** The arguments after "build", in the parser's form. */
    static List<String> normalise(List<String> arguments) throws CliException {
        List<String> normal = new ArrayList<>();
        int at = 0;
        while (at < arguments.size()) {
            String argument = arguments.get(at);
            if (argument.equals("--")) {
                normal.addAll(arguments.subList(at, arguments.size()));
                break;
            }
            Optional<String> refused = refusal(argument);
            if (refused.isPresent()) {
                throw CliException.user(
                        "sheaf build does not have " + refused.get() + " yet; " + REFUSED.get(refused.get()));
            }
            if (argument.equals("-q")) {
                normal.add("--quiet=true");
            } else if (LOCKS.contains(argument)) {
                normal.add(argument + "=" + LOCK_FILE);
            } else if (ALONE.contains(argument) && !argument.equals("--help")) {
                normal.add(argument + "=true");
            } else {
                normal.add(argument);
            }
            if (WITH_VALUE.contains(argument) && at + 1 < arguments.size()) {
                at++;
                normal.add(arguments.get(at));
            }
            at++;
        }
        return normal;
    }

    private static Optional<String> refusal(String argument) {
        if (argument.startsWith("--")) {
            int equals = argument.indexOf('=');
            String name = equals < 0 ? argument : argument.substring(0, equals);
            return REFUSED.containsKey(name) ? Optional.of(name) : Optional.empty();
        }
        if (argument.startsWith("-") && argument.length() > 1) {
            String name = argument.substring(0, 2);
            return REFUSED.containsKey(name) ? Optional.of(name) : Optional.empty();
        }
        return Optional.empty();
    }
}
