package dev.sheaf.agent.engine;

import com.google.protobuf.ByteString;
import dev.sheaf.agent.engine.EngineReport.Store;
import dev.sheaf.agent.engine.channel.EngineAddress;
import dev.sheaf.agent.engine.channel.Reach;
import dev.sheaf.agent.engine.classic.ClassicStore;
import dev.sheaf.agent.engine.docker.DockerFacts;
import dev.sheaf.agent.engine.orphan.OrphanedSteps;
import dev.sheaf.agent.engine.session.ContextFiles;
import dev.sheaf.agent.engine.trial.KernelStep;
import dev.sheaf.buildkit.control.ControlGrpc;
import dev.sheaf.buildkit.control.ListWorkersRequest;
import dev.sheaf.buildkit.worker.WorkerRecord;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.Platform;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;

/** Learns what an engine is and whether it can build slices: by asking, and by building nothing at all. */
final class Probe {

    private static final ByteString DOCKERFILE = ByteString.copyFromUtf8("FROM scratch\nLABEL dev.sheaf.probe=1\n");

    /** The way the engine builds. */
    @FunctionalInterface
    interface Solver {
        SolveResult solve(SolveRequest request, SolveListener listener) throws SolveFailure, InterruptedException;
    }

    private final BuildKitEngine.Connection connection;
    private final Solver solver;
    private final ClassicStore classic;
    private final OrphanedSteps orphans = new OrphanedSteps();
    private final Engines.Patience patience;
    private final Supplier<UUID> ids;

    Probe(
            BuildKitEngine.Connection connection,
            Solver solver,
            ClassicStore classic,
            Engines.Patience patience,
            Supplier<UUID> ids) {
        this.connection = connection;
        this.solver = solver;
        this.classic = classic;
        this.patience = patience;
        this.ids = ids;
    }

    /** Nobody answers there. */
    static EngineReport away(String address, String problem) {
        return new EngineReport(address, EngineReport.Facts.NONE, List.of(), problem);
    }

    /**
     * Asks and tries.
     *
     * @throws IOException if the engine does not answer; its message is a line for people
     */
    EngineReport run() throws IOException, InterruptedException {
        EngineAddress address = connection.address();
        Optional<DockerFacts> docker = Optional.empty();
        if (address.kind() == EngineAddress.Kind.DOCKER) {
            docker = Optional.of(docker(address, patience.answer()));
        }
        List<WorkerRecord> workers;
        try {
            workers = ControlGrpc.newBlockingStub(connection.channel())
                    .withDeadlineAfter(patience.answer().toMillis(), TimeUnit.MILLISECONDS)
                    .listWorkers(ListWorkersRequest.getDefaultInstance())
                    .getRecordList();
        } catch (StatusRuntimeException e) {
            throw new IOException(Reach.words(address, e.getStatus()), e);
        }
        EngineReport.Facts facts = facts(docker, workers);
        connection.store().set(facts.store());
        String description = description(facts);
        if (workers.isEmpty()) {
            String problem = description + ", has no worker to build with; look into its log";
            return new EngineReport(description, facts, List.of(), problem);
        }
        List<Platform> platforms = workers.stream()
                .flatMap(worker -> worker.getPlatformsList().stream())
                .map(Probe::platform)
                .distinct()
                .toList();
        sweep(facts.store());
        String left = orphans.sweep(facts.data());
        return new EngineReport(description, facts, platforms, left.isEmpty() ? trial(platforms) : left);
    }

    /**
     * What the Docker Engine behind a socket says.
     *
     * @throws IOException if it does not; its message is a line for people
     */
    static DockerFacts docker(EngineAddress address, Duration patience) throws IOException {
        try {
            return within(patience, () -> DockerFacts.ask(address.path(), patience))
                    .orElseThrow(() -> new IOException(Reach.silent(address)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    /** Once a connection, before anything is offered: what a crash left is still there. */
    private void sweep(Store store) throws IOException {
        if (store == Store.CLASSIC && connection.swept().compareAndSet(false, true)) {
            classic.sweep(connection.address().path());
        }
    }

    private static EngineReport.Facts facts(Optional<DockerFacts> docker, List<WorkerRecord> workers) {
        String said =
                workers.isEmpty() ? "" : workers.getFirst().getBuildkitVersion().getVersion();
        // Distributions leave out the version when they compile BuildKit into their engine.
        String buildKit = said.startsWith("v0.0.0") ? "" : said;
        return docker.map(facts -> new EngineReport.Facts(true, facts.version(), buildKit, store(facts), facts.data()))
                .orElse(new EngineReport.Facts(true, "", buildKit, Store.NONE, ""));
    }

    static Store store(DockerFacts facts) {
        return facts.containerdStore() ? Store.CONTAINERD : Store.CLASSIC;
    }

    private static String description(EngineReport.Facts facts) {
        String buildKit = facts.buildKit().isEmpty() ? "BuildKit (version not stated)" : "BuildKit " + facts.buildKit();
        return switch (facts.store()) {
            case NONE -> buildKit;
            case CONTAINERD -> "Docker Engine " + facts.docker() + " (containerd store), " + buildKit;
            case CLASSIC -> "Docker Engine " + facts.docker() + " (classic store), " + buildKit;
        };
    }

    /** Empty if the engine can do what slices need. */
    private String trial(List<Platform> platforms) throws InterruptedException {
        if (platforms.isEmpty()) {
            return "the engine names no platform that it builds for; look into its log";
        }
        SolveRequest request = new SolveRequest(
                platforms.getFirst(),
                BuildSpec.getDefaultInstance(),
                List.of(),
                List.of(),
                List.of(),
                ContextFiles.onlyDockerfile(DOCKERFILE));
        try {
            return within(patience.trial(), () -> {
                        solver.solve(request, _ -> {});
                        return kernel(platforms.getFirst());
                    })
                    .orElse("a build of nothing takes more than "
                            + patience.trial().toSeconds() + " s on this engine; look into its log");
        } catch (SolveFailure e) {
            return "a build of nothing fails on this engine: " + e.failure().getMessage() + "; look into its log";
        }
    }

    /** Once a connection: a machine that is exchanged for another ends it. */
    private String kernel(Platform platform) throws SolveFailure, InterruptedException {
        if (!connection.address().isPort() || connection.sameKernel().get()) {
            return "";
        }
        String own;
        try {
            own = KernelStep.ownKernel();
        } catch (IOException e) {
            return "this machine's kernel cannot be told from another: " + e.getMessage() + "; use a socket";
        }
        String problem = kernel(solver, platform, own, ids.get().toString());
        connection.sameKernel().set(problem.isEmpty());
        return problem;
    }

    /** Empty if the engine runs its steps on this machine's kernel. */
    static String kernel(Solver solver, Platform platform, String own, String once)
            throws SolveFailure, InterruptedException {
        KernelStep step = KernelStep.on(platform.getArchitecture(), once).orElse(null);
        if (step == null) {
            return "the engine runs on " + platform.getArchitecture()
                    + ", of which Sheaf proves nothing; use one on amd64 or arm64";
        }
        // An engine takes a Dockerfile of the same context, size and time for the one that it has.
        BuildSpec spec = BuildSpec.newBuilder().setContextKey(once).build();
        SolveRequest request = new SolveRequest(platform, spec, List.of(), List.of(), List.of(), step);
        solver.solve(request, step::hear);
        if (step.kernel().equals(own)) {
            return "";
        }
        return (step.kernel().isEmpty()
                        ? "the engine does not show the kernel that it runs on"
                        : "the engine runs on another machine, of which this agent proves nothing")
                + "; start the agent on the engine's own machine";
    }

    /** Asked on a thread of its own, so that an engine that hangs in the middle of its answer holds up nobody. */
    @FunctionalInterface
    private interface Question<T, X extends Exception> {
        T ask() throws X, InterruptedException;
    }

    /** The answer, unless it takes longer. */
    @SuppressWarnings("unchecked") // a question throws X, what is not checked, or that it was interrupted
    private static <T, X extends Exception> Optional<T> within(Duration patience, Question<T, X> question)
            throws X, InterruptedException {
        FutureTask<T> asking = new FutureTask<>(question::ask);
        Thread.ofVirtual().name("probe").start(asking);
        try {
            return Optional.of(asking.get(patience.toMillis(), TimeUnit.MILLISECONDS));
        } catch (TimeoutException e) {
            return Optional.empty();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case RuntimeException broken -> throw broken;
                case Error broken -> throw broken;
                case InterruptedException interrupted -> throw interrupted;
                case null, default -> throw (X) e.getCause();
            }
        } finally {
            asking.cancel(true);
        }
    }

    private static Platform platform(dev.sheaf.buildkit.pb.Platform platform) {
        return Platform.newBuilder()
                .setOs(platform.getOS())
                .setArchitecture(platform.getArchitecture())
                .setVariant(platform.getVariant())
                .build();
    }
}
