package dev.sheaf.agent.engine;

/** BuildKit on a port. */
final class BuildKitPortTest extends BridgedContractTest {
    BuildKitPortTest() {
        super("t-port", false);
    }
}
