package dev.sheaf.agent.engine.supervised;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallback;
import com.github.dockerjava.api.command.InspectContainerResponse.ContainerState;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.exception.NotModifiedException;
import com.github.dockerjava.api.model.Bind;
import com.github.dockerjava.api.model.Frame;
import com.github.dockerjava.api.model.HostConfig;
import com.github.dockerjava.api.model.LogConfig;
import com.github.dockerjava.api.model.RestartPolicy;
import com.github.dockerjava.api.model.Volume;
import dev.sheaf.agent.engine.docker.DockerSocket;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The container, as Docker Engine sees it. Every call asks the engine; what it says of an earlier one is not kept. */
final class Container {

    /** Its value is the agent that it belongs to. */
    static final String LABEL = "dev.sheaf.buildkit";

    private static final Logger log = LoggerFactory.getLogger(Container.class);

    /** Where the shared directory is inside. */
    private static final String INSIDE = "/run/sheaf-buildkit";

    private static final String STATE = "/var/lib/buildkit";
    /** What runc says where the caller has not all that a container is to get. */
    private static final String LACKING_CAPABILITY = "unable to apply caps";

    private static final int STOP_SECONDS = 10;
    private static final int LAST_LINES = 20;
    private static final int MAX_LINE_CHARACTERS = 200;

    private final Path docker;
    private final SupervisedBuildKit.Wish wish;
    private final Duration patience;

    Container(Path docker, SupervisedBuildKit.Wish wish, Duration patience) {
        this.docker = docker;
        this.wish = wish;
        this.patience = patience;
    }

    /** What became of it. */
    sealed interface State {
        record Runs() implements State {}

        /** It is not there. */
        record Gone() implements State {}

        /**
         * It ended by itself.
         *
         * @param why its exit code and its last words, one line
         */
        record Ended(String why) implements State {}
    }

    /** How it is now. */
    State state(String id) throws IOException {
        return asked(client -> {
            try {
                ContainerState state = client.inspectContainerCmd(id).exec().getState();
                if (Boolean.TRUE.equals(state.getRunning())) {
                    return new State.Runs();
                }
                String killed = Boolean.TRUE.equals(state.getOOMKilled()) ? ", for want of memory" : "";
                return new State.Ended("exit code " + state.getExitCodeLong() + killed + lastWords(client, id));
            } catch (NotFoundException e) {
                return new State.Gone();
            }
        });
    }

    /** Removes all that bear this agent's label, whoever started them, with what runs in them and is mounted there. */
    void sweep() throws IOException {
        asked(client -> {
            for (var left : client.listContainersCmd()
                    .withShowAll(true)
                    .withLabelFilter(Map.of(LABEL, wish.owner()))
                    .exec()) {
                log.info("removes the BuildKit container {} that an earlier process left", left.getId());
                remove(client, left.getId());
            }
            return true;
        });
    }

    /** Makes one and starts it; returns its id. */
    String start() throws IOException {
        prepare();
        return asked(client -> {
            try {
                List<Bind> binds = new ArrayList<>();
                binds.add(new Bind(wish.directory().toString(), new Volume(INSIDE)));
                wish.volume().ifPresent(name -> binds.add(new Bind(name, new Volume(STATE))));
                String id = client.createContainerCmd(wish.image())
                        .withName(name())
                        .withLabels(Map.of(LABEL, wish.owner()))
                        .withVolumes(new Volume(STATE))
                        .withCmd(arguments())
                        .withHostConfig(HostConfig.newHostConfig()
                                .withPrivileged(true)
                                .withRestartPolicy(RestartPolicy.noRestart())
                                .withLogConfig(new LogConfig(
                                        LogConfig.LoggingType.JSON_FILE, Map.of("max-size", "10m", "max-file", "2")))
                                .withBinds(binds))
                        .exec()
                        .getId();
                begin(client, id);
                return id;
            } catch (NotFoundException e) {
                throw new IOException("the image " + wish.image()
                        + " of --buildkit-image is not in this Docker Engine; run docker pull " + wish.image());
            } catch (ConflictException e) {
                throw new IOException("there is a container " + name()
                        + " that is not this agent's; remove it, or give this agent another --name");
            }
        });
    }

    private static void begin(DockerClient client, String id) {
        try {
            client.startContainerCmd(id).exec();
        } catch (RuntimeException e) {
            remove(client, id);
            throw e;
        }
    }

    /** Ends it in good order, if it is there; it may finish what it writes. */
    void stop(String id) throws IOException {
        asked(client -> {
            try {
                client.stopContainerCmd(id).withTimeout(STOP_SECONDS).exec();
            } catch (NotFoundException | NotModifiedException e) {
                log.debug("the BuildKit container had ended: {}", e.getMessage());
            }
            remove(client, id);
            return true;
        });
    }

    /** Ends it at once. */
    void remove(String id) throws IOException {
        asked(client -> {
            remove(client, id);
            return true;
        });
    }

    /** The socket inside the shared directory, as this process sees it. */
    Path socket() {
        return wish.directory().resolve("buildkitd.sock");
    }

    private String name() {
        return "sheaf-buildkit-" + wish.owner().replaceAll("[^A-Za-z0-9_.-]", "_");
    }

    private void prepare() throws IOException {
        Files.createDirectories(wish.directory());
        Files.deleteIfExists(socket());
        StringBuilder registries = new StringBuilder();
        for (String registry : wish.insecureRegistries()) {
            registries.append("[registry.\"").append(registry).append("\"]\n  http = true\n");
        }
        Files.writeString(wish.directory().resolve("buildkitd.toml"), registries);
    }

    private List<String> arguments() {
        List<String> arguments = new ArrayList<>(List.of("--addr", "unix://" + INSIDE + "/buildkitd.sock"));
        if (!wish.insecureRegistries().isEmpty()) {
            arguments.addAll(List.of("--config", INSIDE + "/buildkitd.toml"));
        }
        try {
            // Who may enter the directory may use the socket, if the agent is not root.
            arguments.addAll(List.of(
                    "--group", Files.getAttribute(wish.directory(), "unix:gid").toString()));
        } catch (IOException | UnsupportedOperationException e) {
            log.debug("the group of {} is not known: {}", wish.directory(), e.getMessage());
        }
        return arguments;
    }

    private static void remove(DockerClient client, String id) {
        try {
            client.removeContainerCmd(id)
                    .withForce(true)
                    .withRemoveVolumes(true) // those without a name
                    .exec();
        } catch (NotFoundException e) {
            log.debug("the container {} is gone", id);
        }
    }

    private static String lastWords(DockerClient client, String id) {
        AtomicReference<String> last = new AtomicReference<>("");
        ResultCallback.Adapter<Frame> lines = new ResultCallback.Adapter<>() {
            @Override
            public void onNext(Frame frame) {
                String line = new String(frame.getPayload(), StandardCharsets.UTF_8)
                        .replaceAll("\\p{Cntrl}+", " ")
                        .strip();
                if (!line.isEmpty()) {
                    last.set(line);
                }
            }
        };
        try {
            client.logContainerCmd(id)
                    .withStdOut(true)
                    .withStdErr(true)
                    .withTail(LAST_LINES)
                    .exec(lines)
                    .awaitCompletion(1, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException e) {
            log.debug("no last words of {}: {}", id, e.getMessage());
        }
        String line = last.get();
        String shown = line.length() <= MAX_LINE_CHARACTERS ? line : line.substring(0, MAX_LINE_CHARACTERS) + "...";
        return shown.isEmpty() ? "" : ": " + shown;
    }

    @FunctionalInterface
    private interface Question<T> {
        T ask(DockerClient client) throws IOException;
    }

    private <T> T asked(Question<T> question) throws IOException {
        Duration silence = patience.plusSeconds(STOP_SECONDS);
        try (DockerClient client = DockerSocket.open(docker, patience, Optional.of(silence))) {
            return question.ask(client);
        } catch (RuntimeException e) {
            String said = String.valueOf(e.getMessage())
                    .replaceAll("\\p{Cntrl}+", " ")
                    .strip();
            if (said.contains(LACKING_CAPABILITY)) {
                throw new IOException(
                        "Docker Engine at " + docker
                                + " cannot start a privileged container, as --buildkit-image needs:"
                                + " " + LACKING_CAPABILITY + " (Docker Engine 20.10 gives it all capabilities that the"
                                + " kernel knows, and root on this host lacks one); update Docker to 23 or newer, or run"
                                + " the agent where root lacks no capability",
                        e);
            }
            throw new IOException(
                    "Docker Engine at " + docker + " does not do what its BuildKit container needs: " + said
                            + "; look into its log",
                    e);
        }
    }
}
