package dev.sheaf.agent.engine.docker;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.core.DefaultDockerClientConfig;
import com.github.dockerjava.core.DockerClientImpl;
import com.github.dockerjava.zerodep.ZerodepDockerHttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Opens a Docker Engine's own interface. Knows no logins: a call has those that it is given, never this machine's. */
public final class DockerSocket {

    /** Where no login is kept: the library would take those of the user who runs the agent. */
    private static final String NO_LOGINS = "/nonexistent";

    private DockerSocket() {}

    /**
     * Opens it; does not connect yet.
     *
     * @param connect how long a connection may take
     * @param answer how long the engine may be silent. Empty: as long as it likes
     */
    public static DockerClient open(Path socket, Duration connect, Optional<Duration> answer) {
        DefaultDockerClientConfig config = DefaultDockerClientConfig.createDefaultConfigBuilder()
                .withDockerHost("unix://" + socket)
                .withDockerTlsVerify(false)
                .withDockerConfig(NO_LOGINS)
                .build();
        ZerodepDockerHttpClient.Builder http = new ZerodepDockerHttpClient.Builder()
                .dockerHost(config.getDockerHost())
                .connectionTimeout(connect);
        answer.ifPresent(http::responseTimeout);
        return DockerClientImpl.getInstance(config, http.build());
    }
}
