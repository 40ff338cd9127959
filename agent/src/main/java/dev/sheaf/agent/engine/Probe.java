package dev.sheaf.agent.engine;

import com.google.protobuf.ByteString;
import dev.sheaf.agent.engine.channel.EngineAddress;
import dev.sheaf.agent.engine.docker.DockerFacts;
import dev.sheaf.agent.engine.session.ContextFiles;
import dev.sheaf.buildkit.control.ControlGrpc;
import dev.sheaf.buildkit.control.ListWorkersRequest;
import dev.sheaf.buildkit.worker.WorkerRecord;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.FileEntry;
import dev.sheaf.v1.Platform;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Learns what an engine is and whether it can build slices: by asking, and by building nothing at all. */
final class Probe {

    private static final long PATIENCE_SECONDS = 10;

    private static final ByteString DOCKERFILE = ByteString.copyFromUtf8("FROM scratch\nLABEL dev.sheaf.probe=1\n");

    private static final String SWITCH_STORE =
            "it keeps images in its classic store and cannot push by digest: put \"features\": "
                    + "{\"containerd-snapshotter\": true} into /etc/docker/daemon.json and restart Docker (images of the "
                    + "classic store will not be seen until it is switched back)";

    /** The way the engine builds. */
    @FunctionalInterface
    interface Solver {
        SolveResult solve(SolveRequest request, SolveListener listener) throws SolveFailure, InterruptedException;
    }

    private final BuildKitEngine.Connection connection;
    private final Solver solver;

    Probe(BuildKitEngine.Connection connection, Solver solver) {
        this.connection = connection;
        this.solver = solver;
    }

    static EngineReport unusable(String description, String problem) {
        return new EngineReport(description, List.of(), problem);
    }

    EngineReport run() throws InterruptedException {
        String name = "BuildKit";
        boolean classic = false;
        try {
            if (connection.address().kind() == EngineAddress.Kind.DOCKER) {
                DockerFacts facts = DockerFacts.ask(connection.address().path());
                classic = !facts.containerdStore();
                name = "Docker Engine " + facts.version() + (classic ? " (classic store)" : " (containerd store)")
                        + ", BuildKit";
            }
            List<WorkerRecord> workers = ControlGrpc.newBlockingStub(connection.channel())
                    .withDeadlineAfter(PATIENCE_SECONDS, TimeUnit.SECONDS)
                    .listWorkers(ListWorkersRequest.getDefaultInstance())
                    .getRecordList();
            if (workers.isEmpty()) {
                return unusable(name, name + " has no worker to build with: look into its log");
            }
            String version = workers.getFirst().getBuildkitVersion().getVersion();
            String description = version.isEmpty() || version.startsWith("v0.0.0") ? name : name + " " + version;
            List<Platform> platforms = workers.stream()
                    .flatMap(worker -> worker.getPlatformsList().stream())
                    .map(Probe::platform)
                    .distinct()
                    .toList();
            String problem = classic ? name + ": " + SWITCH_STORE : trial(platforms);
            return new EngineReport(description, platforms, problem);
        } catch (IOException e) {
            return unusable(name, String.valueOf(e.getMessage()));
        } catch (StatusRuntimeException e) {
            return unusable(
                    name,
                    "the engine at " + connection.address().text() + " does not offer BuildKit: " + e.getStatus());
        }
    }

    /** Empty if the engine can do what slices need. */
    private String trial(List<Platform> platforms) throws InterruptedException {
        if (platforms.isEmpty()) {
            return "the engine names no platform that it builds for: look into its log";
        }
        SolveRequest request = new SolveRequest(
                platforms.getFirst(), BuildSpec.getDefaultInstance(), List.of(), List.of(), List.of(), new Trial());
        try {
            solver.solve(request, _ -> {});
            return "";
        } catch (SolveFailure e) {
            String message = e.failure().getMessage();
            return message.contains("could not be found")
                    ? "the engine: " + SWITCH_STORE
                    : "a build of nothing fails on this engine: " + message;
        }
    }

    private static Platform platform(dev.sheaf.buildkit.pb.Platform platform) {
        return Platform.newBuilder()
                .setOs(platform.getOS())
                .setArchitecture(platform.getArchitecture())
                .setVariant(platform.getVariant())
                .build();
    }

    /** A Dockerfile and nothing else. */
    private static final class Trial implements ContextFiles {

        @Override
        public List<FileEntry> context() {
            return List.of();
        }

        @Override
        public List<FileEntry> dockerfile() {
            return List.of(FileEntry.newBuilder()
                    .setPath("Dockerfile")
                    .setMode(0644)
                    .setSize(DOCKERFILE.size())
                    .build());
        }

        @Override
        public void read(List<FileEntry> files, Sink sink) throws IOException, InterruptedException {
            for (int index = 0; index < files.size(); index++) {
                sink.data(index, DOCKERFILE);
                sink.end(index);
            }
        }
    }
}
