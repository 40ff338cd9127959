package dev.sheaf.agent;

import dev.sheaf.agent.engine.channel.EngineTls;
import java.nio.file.Path;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The flags for mutual TLS with an engine on a port. */
final class EngineTlsFlags {
    @Option(
            names = "--engine-ca",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "Speak TLS with the engine on tcp://: the authority that signed its certificate, PEM.")
    private @Nullable Path authorities;

    @Option(
            names = "--engine-cert",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "This agent's certificate for the engine, PEM.")
    private @Nullable Path certificate;

    @Option(
            names = "--engine-key",
            paramLabel = "FILE",
            scope = ScopeType.INHERIT,
            description = "The key of that certificate, PEM (PKCS #8) without a password.")
    private @Nullable Path key;

    @Option(
            names = "--engine-server-name",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description = "The name that the engine's certificate must hold (default: the host of --engine).")
    private String serverName = "";

    /** What was asked for; throws IllegalArgumentException with one sentence. */
    Optional<EngineTls> read() {
        if (authorities == null && certificate == null && key == null && serverName.isEmpty()) {
            return Optional.empty();
        }
        if (authorities == null || certificate == null || key == null) {
            throw new IllegalArgumentException("TLS with an engine needs --engine-ca, --engine-cert and --engine-key;"
                    + " missing: " + String.join(", ", missing()));
        }
        return Optional.of(new EngineTls(authorities, certificate, key, serverName));
    }

    private Iterable<String> missing() {
        return Stream.of(
                        authorities == null ? "--engine-ca" : "",
                        certificate == null ? "--engine-cert" : "",
                        key == null ? "--engine-key" : "")
                .filter(name -> !name.isEmpty())
                .toList();
    }
}
