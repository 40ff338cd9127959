package dev.sheaf.agent.engine;

import org.junit.jupiter.api.Assumptions;

/**
 * A buildkitd of its own, for which there is no Debian package: the one at the address in SHEAF_LAB_BUILDKITD
 * ("unix:///run/buildkit/buildkitd.sock"), behind a bridge that can be cut.
 */
final class BuildkitdTest extends EngineContractTest {
    @Override
    Site site() throws Exception {
        String address = System.getenv().getOrDefault("SHEAF_LAB_BUILDKITD", "");
        if (address.isBlank()) {
            System.err.println("no buildkitd of its own is tested: SHEAF_LAB_BUILDKITD is not set");
            Assumptions.abort("SHEAF_LAB_BUILDKITD is not set: no Debian package holds a buildkitd");
        }
        return new BridgeSite(Bridge.Upstream.plain(address), null, address.startsWith("unix:"));
    }

    @Override
    String describedAs() {
        return "BuildKit";
    }

    @Override
    EngineReport.Store store() {
        return EngineReport.Store.NONE;
    }
}
