package dev.sheaf.agent.engine;

/** BuildKit's own API on a port, without Docker in between: the real BuildKit inside a Docker Engine, put there by a bridge. */
final class BuildKitPortTest extends EngineContractTest {
    @Override
    Site site() throws Exception {
        LabEngine docker = LabEngine.start("t-port");
        return new BridgeSite(Bridge.Upstream.docker(docker.address()), docker, false);
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
