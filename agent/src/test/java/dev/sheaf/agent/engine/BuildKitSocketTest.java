package dev.sheaf.agent.engine;

/** BuildKit's own API on a Unix socket, without Docker in between: the real BuildKit inside a Docker Engine, put there by a bridge. */
final class BuildKitSocketTest extends EngineContractTest {
    @Override
    Site site() throws Exception {
        LabEngine docker = LabEngine.start("t-socket");
        return new BridgeSite(Bridge.Upstream.docker(docker.address()), docker, true);
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
