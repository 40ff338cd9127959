package dev.sheaf.cli.build;

import dev.sheaf.cli.architecture.CheckWire;
import dev.sheaf.cli.bases.LockWish;
import dev.sheaf.cli.flags.DurationText;
import dev.sheaf.cli.flags.SourceArguments;
import dev.sheaf.cli.flags.TagNames;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import dev.sheaf.v1.Secret;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Checks flags, fills in defaults from the environment. */
final class OptionsReader {
    private final BuildFlags flags;
    private final ResultFlags results;
    private final Shell shell;
    private final Platform machine;

    /** {@code machine}: the platform of this machine. */
    OptionsReader(BuildFlags flags, ResultFlags results, Shell shell, Platform machine) {
        this.flags = flags;
        this.results = results;
        this.shell = shell;
        this.machine = machine;
    }

    BuildOptions read() throws CliException {
        List<Platform> platforms = SourceArguments.platforms(flags.platforms, shell, List.of(machine));
        List<ImageReference> tags = TagNames.read(flags.tags);
        if (flags.push && tags.isEmpty()) {
            throw CliException.user("--push needs a name to push to: add --tag registry.example.com/app:1");
        }
        ResultFlags.Wanted wanted = results.read(shell);
        if (flags.detach && wanted.hasFiles()) {
            throw CliException.user("--detach leaves before there is a result to write: give --metadata-file and"
                    + " --iidfile to sheaf attach");
        }
        if (!flags.push && wanted.files().imageId().isPresent() && platforms.size() > 1) {
            throw CliException.user("--iidfile for several platforms needs --push: only a pushed index has a digest");
        }
        return new BuildOptions(
                flags.source,
                Optional.ofNullable(flags.file).filter(file -> !file.isEmpty()),
                platforms,
                tags,
                flags.push,
                SourceArguments.buildArgs(flags.buildArgs, shell),
                labels(),
                flags.target,
                flags.noCache,
                flags.pull,
                secrets(),
                provenance(),
                CheckWire.mode(flags.verifyArch.read()),
                waitTime(),
                flags.smoke.read(flags.push),
                flags.detach,
                lock(),
                wanted);
    }

    private LockWish lock() throws CliException {
        if (flags.writeLock != null && flags.locked != null) {
            throw CliException.user("--write-lock and --locked exclude each other; drop one");
        }
        if (flags.writeLock != null) {
            return new LockWish.Write(shell.directory().resolve(flags.writeLock));
        }
        return flags.locked != null ? new LockWish.Read(shell.directory().resolve(flags.locked)) : new LockWish.None();
    }

    private Map<String, String> labels() throws CliException {
        Map<String, String> labels = new LinkedHashMap<>();
        for (String text : flags.labels) {
            int equals = text.indexOf('=');
            String name = equals < 0 ? text : text.substring(0, equals);
            if (name.isEmpty()) {
                throw CliException.user("--label \"" + text + "\" has no name; write NAME=VALUE");
            }
            labels.put(name, equals < 0 ? "" : text.substring(equals + 1));
        }
        return labels;
    }

    private List<Secret> secrets() throws CliException {
        Map<String, Secret> secrets = new LinkedHashMap<>();
        for (String text : flags.secrets) {
            Secret secret = SecretFlag.read(text, shell);
            if (secrets.put(secret.getId(), secret) != null) {
                throw CliException.user("--secret " + secret.getId() + " is given twice");
            }
        }
        return List.copyOf(secrets.values());
    }

    private String provenance() throws CliException {
        String value = flags.provenance;
        if (value == null) {
            boolean off = shell.variable("BUILDX_NO_DEFAULT_ATTESTATIONS")
                    .filter(v -> v.equals("1") || v.equals("true"))
                    .isPresent();
            return flags.push && !off ? "mode=min" : "";
        }
        return switch (value) {
            case "true", "mode=min", "min" -> "mode=min";
            case "mode=max", "max" -> "mode=max";
            case "false" -> "";
            default -> {
                if (!value.startsWith("mode=min,") && !value.startsWith("mode=max,")) {
                    throw CliException.user(
                            "--provenance=" + value + " is not known; it is true, false, mode=min or mode=max");
                }
                yield value;
            }
        };
    }

    private Optional<Duration> waitTime() throws CliException {
        return flags.wait == null ? Optional.empty() : Optional.of(DurationText.read("--wait", flags.wait));
    }
}
