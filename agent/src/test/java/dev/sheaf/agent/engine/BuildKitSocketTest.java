package dev.sheaf.agent.engine;

/** BuildKit on a Unix socket. */
final class BuildKitSocketTest extends BridgedContractTest {
    BuildKitSocketTest() {
        super("t-socket", true);
    }
}
