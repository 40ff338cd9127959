package dev.sheaf.agent.engine.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.model.Info;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a Docker Engine says of itself.
 *
 * @param version "26.1.5"
 * @param containerdStore whether images are kept by containerd, which a push by digest needs
 * @param data the directory of all that it keeps, as it sees it. Empty: it does not say
 */
public record DockerFacts(String version, boolean containerdStore, String data) {

    /**
     * Asks the engine behind this socket.
     *
     * @throws IOException if it does not answer
     */
    public static DockerFacts ask(Path socket, Duration patience) throws IOException {
        try (DockerClient client = DockerSocket.open(socket, patience, Optional.of(patience))) {
            Info info = client.infoCmd().exec();
            return new DockerFacts(
                    String.valueOf(info.getServerVersion()),
                    containerd(info.getDriverStatuses()),
                    Objects.requireNonNullElse(info.getDockerRootDir(), ""));
        } catch (RuntimeException e) {
            throw new IOException("Docker Engine at " + socket + " does not answer: " + e.getMessage(), e);
        }
    }

    private static boolean containerd(@Nullable List<List<String>> driverStatuses) {
        return driverStatuses != null
                && driverStatuses.stream()
                        .anyMatch(pair -> pair.size() == 2 && pair.get(1).contains("io.containerd.snapshotter"));
    }
}
