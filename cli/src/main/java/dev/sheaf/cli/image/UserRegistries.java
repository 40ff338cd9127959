package dev.sheaf.cli.image;

import dev.sheaf.cli.credentials.CredentialException;
import dev.sheaf.cli.credentials.DockerConfig;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.Registries;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RegistryException;
import dev.sheaf.image.registry.RetryPolicy;
import dev.sheaf.v1.RegistryCredential;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;

/** Registries as the user of this machine may call them: with the logins of docker's configuration, each opened once. */
public final class UserRegistries implements AutoCloseable {
    private final DockerConfig config;
    private final Registries registries;
    private final Map<String, Registry> opened = new HashMap<>();

    /** Something that calls registries. */
    @FunctionalInterface
    public interface Work<T> {
        T run() throws RegistryException, CliException, InterruptedException;
    }

    private UserRegistries(DockerConfig config, Registries registries) {
        this.config = config;
        this.registries = registries;
    }

    static UserRegistries open(Shell shell, Set<String> insecure) throws CliException {
        DockerConfig config;
        try {
            config = DockerConfig.load(
                    shell.environment(), Path.of(shell.variable("HOME").orElse("/")));
        } catch (CredentialException e) {
            throw refused(e);
        }
        RetryPolicy retry = RetryPolicy.standard(() -> chance(shell), shell.sleeper()::sleep);
        return new UserRegistries(config, new Registries(retry, shell.clock(), insecure));
    }

    /** From 0 to 1, so that many pipelines do not come back at the same moment. */
    private static double chance(Shell shell) {
        return (shell.uuids().get().getLeastSignificantBits() >>> 11) * 0x1.0p-53;
    }

    /** The registry of this name, as image references name it. Not for several threads at a time. */
    public Registry of(String name) throws CliException, InterruptedException {
        Registry known = opened.get(name);
        if (known != null) {
            return known;
        }
        try {
            Credentials credentials =
                    config.credential(name).map(UserRegistries::credentials).orElse(Credentials.ANONYMOUS);
            Registry registry = registries.open(name, credentials);
            opened.put(name, registry);
            return registry;
        } catch (CredentialException e) {
            throw refused(e);
        } catch (IllegalArgumentException e) {
            throw CliException.user(String.valueOf(e.getMessage()));
        }
    }

    private static CliException refused(CredentialException e) {
        return new CliException(ExitCode.AUTHENTICATION, String.valueOf(e.getMessage()));
    }

    private static Credentials credentials(RegistryCredential login) {
        return login.getIdentityToken().isEmpty()
                ? new Credentials.Basic(login.getUsername(), login.getPassword())
                : new Credentials.IdentityToken(login.getIdentityToken());
    }

    /** Does this; what a registry refuses, lacks or garbles ends the command in one line. */
    public static <T> T call(Work<T> work) throws CliException, InterruptedException {
        try {
            return work.run();
        } catch (RegistryException e) {
            ExitCode exit = switch (e) {
                case RegistryException.Authentication _ -> ExitCode.AUTHENTICATION;
                case RegistryException.NotFound _ -> ExitCode.USER;
                case RegistryException.Unavailable _, RegistryException.Refused _, RegistryException.Inconsistent _ ->
                    ExitCode.REGISTRY;
            };
            throw new CliException(exit, TerminalText.plain(String.valueOf(e.getMessage())));
        } catch (ImageFormatException e) {
            throw new CliException(ExitCode.VERIFICATION, TerminalText.plain(String.valueOf(e.getMessage())));
        }
    }

    @Override
    public void close() {
        registries.close();
    }
}
