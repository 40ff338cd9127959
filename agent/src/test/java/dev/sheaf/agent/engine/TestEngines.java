package dev.sheaf.agent.engine;

import java.time.InstantSource;
import java.util.Set;
import java.util.UUID;

/** Engines as an agent opens them. */
final class TestEngines {
    static final Engines.Owner OWNER = new Engines.Owner("test", UUID::randomUUID, InstantSource.system());

    private TestEngines() {}

    static Engine open(String address) {
        return Engines.open(address, Set.of(), Engines.Patience.STANDARD, OWNER);
    }
}
