package dev.sheaf.agent;

import dev.sheaf.agent.engine.Engine;
import dev.sheaf.agent.engine.Engines;
import dev.sheaf.agent.engine.supervised.SupervisedBuildKit;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The flags that say what builds on this host. */
final class EngineFlags {
    private static final String DOCKER = "docker:///var/run/docker.sock";

    @Option(
            names = "--engine",
            paramLabel = "ADDRESS",
            scope = ScopeType.INHERIT,
            description = "docker:///PATH, unix:///PATH or tcp://HOST:PORT, which needs TLS unless HOST is this machine"
                    + " (default: DOCKER_HOST, else the socket that is there).")
    private String address = "";

    @Option(
            names = "--buildkit-image",
            paramLabel = "IMAGE",
            scope = ScopeType.INHERIT,
            description =
                    "Run this BuildKit in a privileged container of the Docker Engine and build with it, not with the"
                            + " engine's own; for engines with the classic image store. The image is not pulled.")
    private String image = "";

    @Option(
            names = "--insecure-registry",
            paramLabel = "HOST",
            scope = ScopeType.INHERIT,
            description = "Speak plain HTTP to this registry; loopback ones are so by default; repeatable.")
    private List<String> insecureRegistries = new ArrayList<>();

    @Mixin
    private EngineTlsFlags tls = new EngineTlsFlags();

    /**
     * What builds, for as long as the agent runs; throws IllegalArgumentException with one sentence.
     *
     * @param directory for a BuildKit of its own
     */
    Engine open(Path directory, Engines.Patience patience, Engines.Owner owner) {
        return open(
                directory,
                Optional.of("sheaf-buildkit-" + owner.name().replaceAll("[^A-Za-z0-9_.-]", "_")),
                patience,
                owner);
    }

    /** The same, to be looked at once; leaves nothing. */
    Engine openOnce(Path directory, Engines.Patience patience, Engines.Owner owner) {
        return open(directory, Optional.empty(), patience, owner);
    }

    private Engine open(Path directory, Optional<String> volume, Engines.Patience patience, Engines.Owner owner) {
        String where = address.isEmpty() ? defaultAddress(System.getenv()) : address;
        Set<String> insecure = Set.copyOf(insecureRegistries);
        if (image.isEmpty()) {
            return Engines.open(where, tls.read(), insecure, patience, owner);
        }
        return SupervisedBuildKit.open(
                where,
                new SupervisedBuildKit.Wish(
                        image, owner.name(), directory.toAbsolutePath().normalize(), volume, insecure),
                patience,
                owner);
    }

    /** With an image for Docker to run, a BuildKit that happens to be there is not meant. */
    private String defaultAddress(Map<String, String> environment) {
        String docker = environment.getOrDefault("DOCKER_HOST", "");
        if (!docker.isEmpty()) {
            return docker;
        }
        Path standalone = Path.of("/run/buildkit/buildkitd.sock");
        boolean dockerIsThere = !image.isEmpty() || Files.exists(Path.of("/var/run/docker.sock"));
        return !dockerIsThere && Files.exists(standalone) ? "unix://" + standalone : DOCKER;
    }
}
