package dev.sheaf.coordinator;

import dev.sheaf.coordinator.context.BlobStore;
import dev.sheaf.coordinator.context.WantedBlobs;
import dev.sheaf.coordinator.dispatch.Dispatcher;
import dev.sheaf.coordinator.log.BuildLogs;
import dev.sheaf.coordinator.log.LogLimits;
import dev.sheaf.coordinator.publish.BuildRegistries;
import dev.sheaf.coordinator.publish.RegistryIndexPublisher;
import dev.sheaf.coordinator.publish.RegistrySliceVerifier;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.rpc.AgentEndpoint;
import dev.sheaf.coordinator.rpc.BuildEndpoint;
import dev.sheaf.coordinator.rpc.ContextEndpoint;
import dev.sheaf.coordinator.rpc.FarmServer;
import dev.sheaf.coordinator.rpc.LoggedBuildEvents;
import dev.sheaf.coordinator.store.InMemoryStore;
import dev.sheaf.endpoint.FarmAddress;
import dev.sheaf.image.registry.Registries;
import dev.sheaf.image.registry.RetryPolicy;
import dev.sheaf.signal.Signals;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The program {@code sheaf-coordinator}: reads its flags, puts the parts together, runs until it is told to stop. */
@Command(
        name = "sheaf-coordinator",
        mixinStandardHelpOptions = true,
        versionProvider = CoordinatorMain.Version.class,
        sortOptions = false,
        description = "Accepts builds, gives their slices to agents, verifies what they push and moves the tags.",
        footerHeading = "%nExamples:%n",
        footer = {
            "  sheaf-coordinator",
            "  sheaf-coordinator --listen 127.0.0.1:7420 --data /var/lib/sheaf --context-quota 100GiB",
            "  sheaf-coordinator --insecure-registry registry.lan:5000"
        })
public final class CoordinatorMain implements Callable<Integer> {
    private static final int FAILED = 1;

    /** Calls that run when the program is told to stop get so long, in seconds. */
    private static final int STOP_SECONDS = 3;

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:7420",
            converter = AddressConverter.class,
            description = "Where to listen; a loopback address. Port 0: the system chooses. Default: ${DEFAULT-VALUE}")
    private FarmAddress listen = FarmAddress.DEFAULT;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "${sys:user.home}/.local/share/sheaf/coordinator",
            description = "Directory for contexts and logs. Default: ${DEFAULT-VALUE}")
    private Path data = Path.of("sheaf-data");

    @Option(
            names = "--context-quota",
            paramLabel = "SIZE",
            defaultValue = "20GiB",
            converter = SizeConverter.class,
            description = "What build contexts may take on disk. Default: ${DEFAULT-VALUE}")
    private ByteSize contextQuota = ByteSize.parse("20GiB");

    @Option(
            names = "--insecure-registry",
            paramLabel = "HOST[:PORT]",
            description = "A registry to be called over plain HTTP; repeatable. Loopback registries always are.")
    private List<String> insecureRegistries = List.of();

    private CoordinatorMain() {}

    /** Runs the program; exit code 0 after a stop that was asked for, 1 if it cannot start. */
    public static void main(String[] arguments) {
        CommandLine line =
                new CommandLine(new CoordinatorMain()).setExpandAtFiles(false).setUsageHelpWidth(110);
        line.setParameterExceptionHandler((exception, _) -> {
            String said =
                    String.valueOf(exception.getMessage()).lines().findFirst().orElse("");
            System.err.println("sheaf-coordinator: " + said + "; see sheaf-coordinator --help");
            return FAILED;
        });
        System.exit(line.execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            listen.requirePlaintextAllowed();
            run();
            return 0;
        } catch (IOException e) {
            System.err.println(
                    "sheaf-coordinator: cannot run with --listen " + listen + " --data " + data + ": " + reason(e));
        } catch (IllegalArgumentException e) {
            System.err.println("sheaf-coordinator: --listen: " + e.getMessage());
        }
        return FAILED;
    }

    private void run() throws IOException, InterruptedException {
        InstantSource clock = InstantSource.system();
        RetryPolicy retry =
                RetryPolicy.standard(() -> ThreadLocalRandom.current().nextDouble(), Thread::sleep);
        BlobStore blobs = BlobStore.open(data.resolve("contexts"), contextQuota.bytes(), clock);
        WantedBlobs wanted = new WantedBlobs(blobs);
        BuildLogs logs = BuildLogs.open(data.resolve("logs"), LogLimits.DEFAULT, clock);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Registries registries = new Registries(retry, clock, Set.copyOf(insecureRegistries))) {
            Limits limits = Limits.defaults();
            BuildRegistries access = new BuildRegistries(registries::open, limits.openBuilds());
            Dispatcher.Ports ports = new Dispatcher.Ports(
                    access.hearing(new LoggedBuildEvents(logs, wanted)),
                    new RegistrySliceVerifier(access, Thread::sleep),
                    new RegistryIndexPublisher(access, Thread::sleep),
                    (_, _, _) -> {},
                    new InMemoryStore());
            Dispatcher.Sources sources = new Dispatcher.Sources(clock, System::nanoTime, UUID::randomUUID);
            try (Dispatcher dispatcher = new Dispatcher(limits, ports, sources)) {
                dispatcher.start();
                FarmServer server = FarmServer.start(
                        listen,
                        List.of(
                                new BuildEndpoint(dispatcher, logs, threads),
                                new AgentEndpoint(dispatcher, logs),
                                new ContextEndpoint(dispatcher, blobs, wanted, threads)),
                        threads);
                serve(server, threads);
            }
        }
    }

    private static void serve(FarmServer server, ExecutorService threads) throws InterruptedException {
        CountDownLatch stop = new CountDownLatch(1);
        Signals.eachStop(stop::countDown);
        System.out.println("sheaf-coordinator listening on " + server.address());
        System.out.flush();
        stop.await();
        server.stop(STOP_SECONDS);
        threads.shutdownNow();
    }

    private static String reason(IOException e) {
        Throwable cause = e.getCause();
        if (cause != null && cause.getMessage() != null) {
            return String.valueOf(cause.getMessage());
        }
        return e instanceof FileSystemException file && file.getReason() == null
                ? file.getFile() + " cannot be created or read by this user"
                : String.valueOf(e.getMessage());
    }

    /** For picocli. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            String version = CoordinatorMain.class.getPackage().getImplementationVersion();
            return new String[] {"sheaf-coordinator " + (version == null ? "(not packaged)" : version)};
        }
    }

    /** For picocli. */
    static final class AddressConverter implements CommandLine.ITypeConverter<FarmAddress> {
        @Override
        public FarmAddress convert(String text) {
            return convertOrExplain(() -> FarmAddress.parse(text).requirePlaintextAllowed());
        }
    }

    /** For picocli. */
    static final class SizeConverter implements CommandLine.ITypeConverter<ByteSize> {
        @Override
        public ByteSize convert(String text) {
            return convertOrExplain(() -> ByteSize.parse(text));
        }
    }

    private static <T> T convertOrExplain(java.util.function.Supplier<T> conversion) {
        try {
            return conversion.get();
        } catch (IllegalArgumentException e) {
            throw new CommandLine.TypeConversionException(String.valueOf(e.getMessage()));
        }
    }
}
