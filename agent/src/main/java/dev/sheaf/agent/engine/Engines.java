package dev.sheaf.agent.engine;

import dev.sheaf.agent.engine.channel.EngineAddress;
import dev.sheaf.agent.engine.channel.EngineTls;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** Opens engines. */
public final class Engines {

    private Engines() {}

    /**
     * How long an engine may take before it counts as one that hangs.
     *
     * @param answer to say what it is; engines that are well answer in milliseconds, small hosts under load in seconds
     * @param trial to build nothing from scratch
     * @param pulse to say in between that it is still there; two in a row without an answer: it hangs
     */
    public record Patience(Duration answer, Duration trial, Duration pulse) {

        /** For real hosts. */
        public static final Patience STANDARD =
                new Patience(Duration.ofSeconds(10), Duration.ofSeconds(30), Duration.ofSeconds(5));

        /** For a host that is this many times as slow. */
        public Patience times(int factor) {
            return new Patience(answer.multipliedBy(factor), trial.multipliedBy(factor), pulse.multipliedBy(factor));
        }
    }

    /**
     * Who uses an engine.
     *
     * @param name what it keeps on the engine for a while is found by it again after a crash
     * @param ids makes a random identifier for each build
     */
    public record Owner(String name, Supplier<UUID> ids, InstantSource clock) {}

    /**
     * Opens an engine that is spoken to in plaintext; does not connect yet.
     *
     * @see #open(String, Optional, Set, Patience, Owner)
     */
    public static Engine open(String address, Set<String> insecureRegistries, Patience patience, Owner owner) {
        return open(address, Optional.empty(), insecureRegistries, patience, owner);
    }

    /**
     * Opens an engine; does not connect yet.
     *
     * @param address "docker:///var/run/docker.sock", "unix:///run/buildkit/buildkitd.sock" (either kind is found
     *     out) or "tcp://127.0.0.1:1234" (BuildKit alone; loopback only if there is no TLS)
     * @param tls how to speak TLS; for a port only. Empty: plaintext
     * @param insecureRegistries registry hosts besides loopback that are spoken to without TLS
     * @param patience what the engine may take to answer
     * @throws IllegalArgumentException if the address is none of these; the message is for people
     */
    public static Engine open(
            String address, Optional<EngineTls> tls, Set<String> insecureRegistries, Patience patience, Owner owner) {
        return new BuildKitEngine(
                EngineAddress.parse(address).over(tls), Set.copyOf(insecureRegistries), patience, owner);
    }
}
