package dev.sheaf.coordinator.load;

import dev.sheaf.v1.BuildServiceGrpc;
import dev.sheaf.v1.BuildServiceGrpc.BuildServiceBlockingStub;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.GetRequest;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.SubmitRequest;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Submits two-platform builds at a steady rate, or as many as may wait, and plays the agents that finish them. Prints
 * what was accepted and finished a second, and how long submitting and dispatching took.
 */
@Command(name = "load", mixinStandardHelpOptions = true)
public final class LoadMain implements Callable<Integer> {
    private static final List<Platform> PLATFORMS = List.of(platform("amd64"), platform("arm64"));
    private static final int CHANNELS = 4;
    private static final int MOST_SUBMITS = 256;
    private static final int SUBMIT_TRIES = 100;
    private static final int QUEUED_SECONDS = 3600;
    private static final long NANOS_IN_A_SECOND = 1_000_000_000L;

    @Option(names = "--coordinator", required = true)
    private String coordinator = "";

    @Option(names = "--agents", description = "Default: ${DEFAULT-VALUE}")
    private int agents = 500;

    @Option(names = "--slots", description = "Of each agent. Default: ${DEFAULT-VALUE}")
    private int slots = 4;

    @Option(names = "--rate", description = "Builds a second, of two slices each. Default: ${DEFAULT-VALUE}")
    private int rate = 500;

    @Option(names = "--seconds", description = "Default: ${DEFAULT-VALUE}")
    private int seconds = 60;

    @Option(
            names = "--warm-up",
            description = "Seconds of the same load before, which are not counted. Default: ${DEFAULT-VALUE}")
    private int warmUp = 30;

    @Option(names = "--queued", description = "Only submits so many slices, with no agent to take them. Default: none")
    private int queued;

    @Option(names = "--check", description = "Asks for each build at the end: all must have succeeded.")
    private boolean check;

    /** Executions by slice: more than one if a lease was lost. */
    private final Map<String, Integer> executed = new ConcurrentHashMap<>();

    private final Queue<String> accepted = new ConcurrentLinkedQueue<>();

    private volatile Samples submits = new Samples();
    private volatile Samples dispatches = new Samples();
    private final AtomicLong finished = new AtomicLong();
    private final AtomicLong refused = new AtomicLong();
    /** When each build was asked for, by idempotency key and then by id, in nanoseconds. */
    private final Map<String, Long> asked = new ConcurrentHashMap<>();

    private LoadMain() {}

    /** Runs the load. */
    public static void main(String[] arguments) {
        System.exit(new CommandLine(new LoadMain()).execute(arguments));
    }

    @Override
    public Integer call() throws InterruptedException {
        List<ManagedChannel> channels = new ArrayList<>();
        for (int i = 0; i < CHANNELS; i++) {
            channels.add(
                    NettyChannelBuilder.forTarget(coordinator).usePlaintext().build());
        }
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            if (queued > 0) {
                return fillQueue(channels, threads);
            }
            for (int i = 0; i < agents; i++) {
                threads.execute(agent(i, channels.get(i % CHANNELS)));
            }
            Thread.sleep(Duration.ofSeconds(2));
            if (warmUp > 0) {
                submitSteadily(channels.getFirst(), threads, (long) rate * warmUp);
                submits = new Samples();
                dispatches = new Samples();
                finished.set(0);
            }
            double elapsed = submitSteadily(channels.getFirst(), threads, (long) rate * seconds);
            System.out.printf(
                    "accepted %d builds, %.0f a second; refused %d%n",
                    submits.count(), submits.count() / elapsed, refused.get());
            System.out.printf("finished %d slices, %.0f a second%n", finished.get(), finished.get() / elapsed);
            System.out.println("submit: " + submits);
            System.out.println("dispatch: " + dispatches);
            boolean isRight = !check || checkAll(BuildServiceGrpc.newBlockingStub(channels.getFirst()));
            end(channels, threads);
            return isRight ? 0 : 1;
        }
    }

    /** There is no agent, and the builds wait for one. */
    private int fillQueue(List<ManagedChannel> channels, ExecutorService threads) throws InterruptedException {
        long start = System.nanoTime();
        submitAll(channels.getFirst(), threads, queued / PLATFORMS.size());
        System.out.printf(
                "%d slices of %d builds wait after %d s; refused %d%n",
                submits.count() * PLATFORMS.size(),
                submits.count(),
                (System.nanoTime() - start) / NANOS_IN_A_SECOND,
                refused.get());
        System.out.println("submit: " + submits);
        end(channels, threads);
        return refused.get() == 0 ? 0 : 1;
    }

    private static void end(List<ManagedChannel> channels, ExecutorService threads) {
        threads.shutdownNow();
        channels.forEach(ManagedChannel::shutdownNow);
    }

    private LoadAgent agent(int number, ManagedChannel channel) {
        return new LoadAgent(
                channel,
                "load-" + number,
                PLATFORMS.get(number % PLATFORMS.size()),
                slots,
                assignment -> {
                    if (check) {
                        executed.merge(assignment.getLease().getBuildId() + assignment.getPlatform(), 1, Integer::sum);
                    }
                    Long start = asked.get(assignment.getSpec().getContextKey());
                    if (start != null) {
                        dispatches.add(System.nanoTime() - start);
                    }
                },
                finished::incrementAndGet);
    }

    /** Returns the seconds until the last slice was finished. */
    private double submitSteadily(ManagedChannel channel, ExecutorService threads, long builds)
            throws InterruptedException {
        long start = System.nanoTime();
        submitAll(channel, threads, builds);
        long patience = System.nanoTime() + 60 * NANOS_IN_A_SECOND;
        while (finished.get() < submits.count() * (long) PLATFORMS.size() && System.nanoTime() < patience) {
            Thread.sleep(10);
        }
        return (System.nanoTime() - start) / (double) NANOS_IN_A_SECOND;
    }

    /** Each when it is due, or when there is room for it. */
    private void submitAll(ManagedChannel channel, ExecutorService threads, long builds) throws InterruptedException {
        BuildServiceBlockingStub farm = BuildServiceGrpc.newBlockingStub(channel);
        Semaphore room = new Semaphore(MOST_SUBMITS);
        long start = System.nanoTime();
        for (long i = 0; i < builds; i++) {
            long due = start + i * NANOS_IN_A_SECOND / rate;
            long early = due - System.nanoTime();
            if (early > 0) {
                Thread.sleep(Duration.ofNanos(early));
            }
            room.acquire();
            threads.execute(() -> {
                try {
                    submit(farm, channel);
                } finally {
                    room.release();
                }
            });
        }
        room.acquire(MOST_SUBMITS);
    }

    private void submit(BuildServiceBlockingStub farm, ManagedChannel channel) {
        String key = UUID.randomUUID().toString();
        BuildSpec patience = queued == 0
                ? BuildSpec.getDefaultInstance()
                : BuildSpec.newBuilder()
                        .setWaitForAgents(
                                com.google.protobuf.Duration.newBuilder().setSeconds(QUEUED_SECONDS))
                        .build();
        long start = System.nanoTime();
        asked.put(key, start);
        SubmitRequest request = SubmitRequest.newBuilder()
                .setIdempotencyKey(key)
                .setSpec(BuildSpec.newBuilder()
                        .addAllPlatforms(PLATFORMS)
                        .setUrl("https://git.example/app.git")
                        .setContextKey(key)
                        .mergeFrom(patience))
                .build();
        for (int tries = 0; tries < SUBMIT_TRIES; tries++) {
            try {
                String id = farm.withDeadlineAfter(20, TimeUnit.SECONDS)
                        .submit(request)
                        .getBuildId();
                if (check) {
                    accepted.add(id);
                }
                submits.add(System.nanoTime() - start);
                return;
            } catch (StatusRuntimeException e) {
                if (e.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED) {
                    break;
                }
                channel.resetConnectBackoff();
                LockSupport.parkNanos(NANOS_IN_A_SECOND / 5);
            }
        }
        refused.incrementAndGet();
    }

    /** False: a build is lost, or did not end as it should. */
    private boolean checkAll(BuildServiceBlockingStub farm) {
        long wrong = 0;
        for (String id : accepted) {
            BuildState state = state(farm, id);
            if (state != BuildState.BUILD_STATE_SUCCEEDED) {
                wrong++;
                System.out.println("build " + id + " is " + state);
            }
        }
        long twice = executed.values().stream().filter(times -> times > 1).count();
        long distinct = accepted.stream().distinct().count();
        System.out.printf(
                "accepted %d, distinct %d, not succeeded %d; slices executed more than once: %d of %d%n",
                accepted.size(), distinct, wrong, twice, executed.size());
        return wrong == 0 && distinct == accepted.size();
    }

    /** Asks again while the coordinator is away: it may be killed during this, too. */
    private static BuildState state(BuildServiceBlockingStub farm, String id) {
        for (int tries = 1; ; tries++) {
            try {
                return farm.withDeadlineAfter(20, TimeUnit.SECONDS)
                        .get(GetRequest.newBuilder().setBuildId(id).build())
                        .getState();
            } catch (StatusRuntimeException e) {
                if (tries == SUBMIT_TRIES) {
                    throw e;
                }
                LockSupport.parkNanos(NANOS_IN_A_SECOND / 5);
            }
        }
    }

    private static Platform platform(String architecture) {
        return Platform.newBuilder()
                .setOs("linux")
                .setArchitecture(architecture)
                .build();
    }
}
