package dev.sheaf.agent.engine;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;

/** BuildKit's own API at an address of the test's own, in front of a real BuildKit. */
final class BridgeSite implements EngineContractTest.Site {
    private final Bridge.Upstream upstream;
    private final @Nullable LabEngine docker;
    private final Path directory;
    private final SocketAddress address;
    private Bridge bridge;

    /**
     * Puts it there.
     *
     * @param docker what the BuildKit is inside of; null: it stands alone, and is not ours to stop
     */
    BridgeSite(Bridge.Upstream upstream, @Nullable LabEngine docker, boolean socket) throws IOException {
        this.upstream = upstream;
        this.docker = docker;
        directory = Files.createTempDirectory("bridge");
        bridge = new Bridge(
                upstream,
                socket
                        ? UnixDomainSocketAddress.of(directory.resolve("b.sock"))
                        : new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
        address = bridge.address();
    }

    @Override
    public Engine open() {
        return TestEngines.open(
                switch (address) {
                    case UnixDomainSocketAddress unix -> "unix://" + unix;
                    case InetSocketAddress port -> "tcp://127.0.0.1:" + port.getPort();
                    default -> throw new IllegalStateException(address.toString());
                });
    }

    @Override
    public void kill() throws IOException {
        bridge.die();
    }

    @Override
    public void startAgain() throws IOException {
        bridge = new Bridge(upstream, address);
    }

    @Override
    public void hang() throws IOException, InterruptedException {
        if (docker == null) {
            Assumptions.abort("a buildkitd that somebody else started is not stopped");
        }
        docker.hang();
    }

    @Override
    public void goOn() throws IOException, InterruptedException {
        if (docker != null) {
            docker.goOn();
        }
    }

    @Override
    public void leave() throws IOException, InterruptedException {
        bridge.close();
        Files.delete(directory);
        if (docker != null) {
            docker.stop();
        }
    }
}
