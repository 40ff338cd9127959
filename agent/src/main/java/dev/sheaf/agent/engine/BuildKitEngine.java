package dev.sheaf.agent.engine;

import dev.sheaf.agent.engine.channel.EngineAddress;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;

/** An engine behind BuildKit's control service. */
final class BuildKitEngine implements Engine {

    BuildKitEngine(EngineAddress address, Set<String> insecureRegistries, Supplier<UUID> ids) {}

    @Override
    public EngineReport probe() {
        throw new UnsupportedOperationException();
    }

    @Override
    public SolveResult solve(SolveRequest request, SolveListener listener) {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
