package dev.sheaf.coordinator;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.sheaf.coordinator.context.BlobStore;
import dev.sheaf.coordinator.context.WantedBlobs;
import dev.sheaf.coordinator.dispatch.Dispatcher;
import dev.sheaf.coordinator.gate.LayerMemory;
import dev.sheaf.coordinator.identity.Gate;
import dev.sheaf.coordinator.identity.IdentityStore;
import dev.sheaf.coordinator.identity.Registrar;
import dev.sheaf.coordinator.identity.Secrets;
import dev.sheaf.coordinator.identity.pki.CertificateWatch;
import dev.sheaf.coordinator.identity.pki.FarmAuthority;
import dev.sheaf.coordinator.identity.pki.ServerIdentity;
import dev.sheaf.coordinator.identity.sql.JdbcIdentities;
import dev.sheaf.coordinator.leader.Candidate;
import dev.sheaf.coordinator.leader.Claim;
import dev.sheaf.coordinator.leader.Followers;
import dev.sheaf.coordinator.leader.LeaderElection;
import dev.sheaf.coordinator.leader.Timing;
import dev.sheaf.coordinator.log.BuildLogs;
import dev.sheaf.coordinator.rpc.FarmServer;
import dev.sheaf.coordinator.rpc.IdentityEndpoint;
import dev.sheaf.coordinator.rpc.caller.CallerInterceptor;
import dev.sheaf.coordinator.rpc.caller.LiveCalls;
import dev.sheaf.coordinator.store.DirectoryLock;
import dev.sheaf.coordinator.store.Store;
import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.coordinator.store.postgres.PostgresDatabase;
import dev.sheaf.coordinator.store.sqlite.SqliteStore;
import dev.sheaf.endpoint.FarmAddress;
import dev.sheaf.image.registry.Registries;
import dev.sheaf.image.registry.RetryPolicy;
import dev.sheaf.signal.Readiness;
import dev.sheaf.signal.Signals;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
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
            "  sheaf-coordinator init --name farm.example.com && sheaf-coordinator --listen 0.0.0.0:7420",
            "  sheaf-coordinator --postgres postgresql://db.lan/sheaf",
            "  sheaf-coordinator --insecure-registry registry.lan:5000"
        },
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            " 0:stopped when asked to",
            " 1:wrong flags, or it cannot listen",
            "69:PostgreSQL does not answer",
            "73:another coordinator uses the data directory",
            "74:the store failed in a way that cannot be trusted",
            "78:the stored state is damaged, or newer than this version"
        })
public final class CoordinatorMain implements Callable<Integer> {
    private static final int FAILED = 1;
    /** The words of sysexits.h: EX_UNAVAILABLE, EX_CANTCREAT, EX_IOERR, EX_CONFIG. */
    private static final int UNAVAILABLE = 69;

    private static final int IN_USE = 73;
    private static final int STORE_LOST = 74;
    private static final int BROKEN = 78;

    /** Calls that run when the program is told to stop get so long, in seconds. */
    private static final int STOP_SECONDS = 3;

    private static final Duration REOPEN_PAUSE = Duration.ofMillis(200);

    @Option(
            names = "--listen",
            paramLabel = "HOST:PORT",
            defaultValue = "127.0.0.1:7420",
            converter = AddressConverter.class,
            description = "Where to listen: with a certificate (see init) anywhere, without one on a loopback address."
                    + " Port 0: the system chooses. Default: ${DEFAULT-VALUE}")
    private FarmAddress listen = FarmAddress.DEFAULT;

    @Option(
            names = "--advertise",
            paramLabel = "HOST:PORT",
            converter = AddressConverter.class,
            description = "Where the farm's other coordinators send callers while this one leads. Default: --listen")
    private @Nullable FarmAddress advertise;

    @Mixin
    private PlaceFlags place = new PlaceFlags();

    @Mixin
    private TlsFlags tls = new TlsFlags();

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

    @Mixin
    private VerifyArchFlags verifyArch = new VerifyArchFlags();

    @Mixin
    private LimitFlags limits = new LimitFlags();

    private final CountDownLatch stop = new CountDownLatch(1);
    private volatile boolean lost;

    private final Surroundings surroundings;

    /** What the program finds around it. */
    record Surroundings(InstantSource clock, SecureRandom random, Map<String, String> environment) {}

    private CoordinatorMain(Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    /** Runs the program; exit code 0 after a stop that was asked for, 1 if it cannot start. */
    public static void main(String[] arguments) {
        Surroundings surroundings = new Surroundings(InstantSource.system(), new SecureRandom(), System.getenv());
        CommandLine line = new CommandLine(new CoordinatorMain(surroundings))
                .addSubcommand(new InitCommand(surroundings))
                .addSubcommand(new UsersCommand(surroundings))
                .setExpandAtFiles(false)
                .setUsageHelpWidth(110);
        line.setParameterExceptionHandler((exception, _) -> {
            String said =
                    String.valueOf(exception.getMessage()).lines().findFirst().orElse("");
            String command = exception.getCommandLine().getCommandSpec().qualifiedName();
            System.err.println("sheaf-coordinator: " + said + "; see " + command + " --help");
            return FAILED;
        });
        line.setExecutionExceptionHandler((exception, _, _) -> failed(exception));
        System.exit(line.execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        try {
            return run();
        } catch (IOException e) {
            System.err.println("sheaf-coordinator: cannot run with --listen " + listen + " --data " + place.data()
                    + ": " + reason(e));
            return FAILED;
        }
    }

    private static int failed(Exception failure) {
        String said = failure instanceof IOException e ? "cannot go on: " + reason(e) : failure.getMessage();
        System.err.println("sheaf-coordinator: " + said);
        return failure instanceof StoreException store ? exitCode(store) : FAILED;
    }

    private static int exitCode(StoreException e) {
        return switch (e.kind()) {
            case IN_USE -> IN_USE;
            case BROKEN -> BROKEN;
            case UNAVAILABLE, SUPERSEDED -> UNAVAILABLE;
        };
    }

    private int run() throws IOException, InterruptedException {
        InstantSource clock = surroundings.clock();
        Optional<ServerIdentity> identity = tls.open(place.data(), clock.instant(), surroundings.random());
        if (identity.isEmpty() && !listen.isLoopback()) {
            throw new IllegalArgumentException("--listen " + listen + " is refused without a certificate: run"
                    + " \"sheaf-coordinator init --data " + place.data()
                    + " --name HOST\" first, where HOST is what others"
                    + " call this machine, or give --tls-certificate, --tls-key and --tls-ca");
        }
        RetryPolicy retry =
                RetryPolicy.standard(() -> ThreadLocalRandom.current().nextDouble(), Thread::sleep);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
                Registries registries = new Registries(retry, clock, Set.copyOf(insecureRegistries))) {
            Opening opening = doorkeeping -> {
                Path data = place.data();
                BlobStore blobs = BlobStore.open(data.resolve("contexts"), contextQuota.bytes(), clock);
                Farm.Disk disk = new Farm.Disk(
                        blobs,
                        new WantedBlobs(blobs),
                        BuildLogs.open(data.resolve("logs"), limits.logs(), clock),
                        new LayerMemory(SqliteStore.layers(data), clock));
                Farm.Rules rules = new Farm.Rules(limits.queue(), verifyArch.read());
                Dispatcher.Sources sources = new Dispatcher.Sources(clock, System::nanoTime, UUID::randomUUID);
                Farm.Outside outside = new Farm.Outside(registries::open, Thread::sleep, sources);
                return new Farm(disk, rules, outside, doorkeeping.identities(), threads, this::lose);
            };
            return place.isShared()
                    ? standForElection(opening, identity, threads)
                    : leadAlone(opening, identity, threads);
        }
    }

    /** Opens what is in the data directory, which is this process's own by then. */
    @FunctionalInterface
    private interface Opening {
        Farm open(Doorkeeping doorkeeping) throws IOException;
    }

    /** Who comes in, and how. */
    private record Doorkeeping(FarmServer.Door door, IdentityEndpoint.Identities identities) {
        static Doorkeeping of(IdentityStore store, Optional<ServerIdentity> identity, Surroundings surroundings) {
            InstantSource clock = surroundings.clock();
            Gate gate = new Gate(store, clock, Ticker.systemTicker());
            Registrar.Authority authority = identity.<Registrar.Authority>map(
                            known -> new FarmAuthority(known.agents(), known.pin(), clock))
                    .orElse(new ClearText());
            Registrar registrar = new Registrar(store, authority, new Secrets(surroundings.random()), clock, gate);
            LiveCalls calls = new LiveCalls();
            return new Doorkeeping(
                    new FarmServer.Door(identity, new CallerInterceptor(gate, calls)),
                    new IdentityEndpoint.Identities(store, registrar, calls));
        }
    }

    /** The only coordinator of its farm: its state is in its data directory. */
    private int leadAlone(Opening opening, Optional<ServerIdentity> identity, ExecutorService threads)
            throws IOException, InterruptedException {
        Store store = SqliteStore.open(place.data());
        try (IdentityStore identities = place.openIdentities()) {
            Doorkeeping doorkeeping = Doorkeeping.of(identities, identity, surroundings);
            try (Farm farm = opening.open(doorkeeping)) {
                farm.lead(store, () -> true); // the directory's lock ends with the process
                return serve(start(doorkeeping, farm, threads), farm, threads);
            }
        }
    }

    /** One of several coordinators: the state is in their PostgreSQL, and so is the row that says who leads. */
    private int standForElection(Opening opening, Optional<ServerIdentity> identity, ExecutorService threads)
            throws IOException, InterruptedException {
        try (DirectoryLock _ = DirectoryLock.take(place.data());
                PostgresDatabase database = place.openPostgres(surroundings.environment());
                IdentityStore identities = new JdbcIdentities(database.identities())) {
            Doorkeeping doorkeeping = Doorkeeping.of(identities, identity, surroundings);
            try (Farm farm = opening.open(doorkeeping)) {
                FarmServer server = start(doorkeeping, farm, threads);
                FarmAddress reached = advertise == null ? server.address() : advertise;
                Candidate candidate = new Candidate(UUID.randomUUID().toString(), reached.toString());
                Lead lead = new Lead(farm, database, this::lose);
                LeaderElection election =
                        new LeaderElection(database.leaderRow(), candidate, Timing.DEFAULT, System::nanoTime, lead);
                try (election) {
                    election.start();
                    return serve(server, farm, threads);
                }
            }
        }
    }

    /** Does what the election says. */
    private record Lead(Farm farm, PostgresDatabase database, Runnable lose) implements Followers {
        @Override
        public void lead(long epoch, BooleanSupplier reaches) {
            farm.follow("");
            try {
                farm.lead(open(epoch), reaches);
                System.out.println("sheaf-coordinator leads, in epoch " + epoch);
            } catch (StoreException e) {
                System.err.println("sheaf-coordinator: cannot lead: " + e.getMessage());
                if (e.kind() != StoreException.Kind.SUPERSEDED) {
                    lose.run();
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt(); // the process ends
            }
        }

        /** The election renews the lease, so nobody else would lead: a database that just came back is asked again. */
        private Store open(long epoch) throws InterruptedException {
            while (true) {
                try {
                    return database.store(epoch);
                } catch (StoreException e) {
                    if (e.kind() != StoreException.Kind.UNAVAILABLE) {
                        throw e;
                    }
                    Thread.sleep(REOPEN_PAUSE);
                }
            }
        }

        @Override
        public void follow(Optional<Claim.Leader> leader) {
            farm.follow(leader.map(Claim.Leader::address).orElse(""));
            System.out.println("sheaf-coordinator does not lead"
                    + leader.map(other -> ", " + other.address() + " does").orElse(""));
        }
    }

    /** Listens, and looks after its certificate. */
    private FarmServer start(Doorkeeping doorkeeping, Farm farm, ExecutorService threads) throws IOException {
        FarmServer server = FarmServer.start(listen, doorkeeping.door(), farm.services());
        CertificateWatch.Source files = now -> tls.open(place.data(), now, surroundings.random())
                .orElseThrow(() -> new IllegalArgumentException("the files are gone"));
        doorkeeping.door().tls().ifPresent(identity -> {
            CertificateWatch watch = new CertificateWatch(files, surroundings.clock(), identity, server::show);
            threads.execute(() -> watch.run(Thread::sleep));
        });
        return server;
    }

    private void lose() {
        lost = true;
        stop.countDown();
    }

    private int serve(FarmServer server, Farm farm, ExecutorService threads) throws InterruptedException {
        Signals.eachStop(stop::countDown);
        System.out.println("sheaf-coordinator listening on " + server.address());
        System.out.flush();
        Readiness.tell(System.getenv().getOrDefault(Readiness.SOCKET, ""));
        stop.await();
        // Whoever has a call open is told its end while there is a server to tell it: first the calls that wait for the
        // farm, then the streams, then the connections.
        farm.close();
        threads.shutdownNow();
        server.stop(STOP_SECONDS);
        return lost ? STORE_LOST : 0;
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
            return convertOrExplain(() -> FarmAddress.parse(text));
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
