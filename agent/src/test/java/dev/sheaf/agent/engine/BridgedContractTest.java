package dev.sheaf.agent.engine;

/** BuildKit's own API, without Docker in between: the real BuildKit inside a Docker Engine, put there by a bridge. */
abstract class BridgedContractTest extends EngineContractTest {
    private final String name;
    private final boolean isSocket;

    /** Of an engine of this name; on a Unix socket, or else on a port. */
    BridgedContractTest(String name, boolean isSocket) {
        this.name = name;
        this.isSocket = isSocket;
    }

    @Override
    Site site() throws Exception {
        LabEngine docker = LabEngine.start(name);
        return new BridgeSite(Bridge.Upstream.docker(docker.address()), docker, isSocket);
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
