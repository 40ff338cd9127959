package dev.sheaf.agent.engine;

import dev.sheaf.agent.engine.channel.EngineAddress;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** Opens engines. */
public final class Engines {

    private Engines() {}

    /**
     * Opens an engine; does not connect yet.
     *
     * @param address "docker:///var/run/docker.sock", "unix:///run/buildkit/buildkitd.sock" (either kind is found
     *     out) or "tcp://127.0.0.1:1234" (BuildKit alone, loopback only)
     * @param insecureRegistries registry hosts besides loopback that are spoken to without TLS
     * @param ids makes a random identifier for each build
     * @throws IllegalArgumentException if the address is none of these; the message is for people
     */
    public static Engine open(String address, Set<String> insecureRegistries, Supplier<UUID> ids) {
        return new BuildKitEngine(EngineAddress.parse(address), Set.copyOf(insecureRegistries), ids);
    }
}
