package dev.sheaf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import dev.sheaf.farm.Farm;
import dev.sheaf.farm.Program;
import dev.sheaf.faults.chaos.Host;
import dev.sheaf.faults.chaos.Network;
import dev.sheaf.faults.oracle.History;
import dev.sheaf.faults.oracle.Judge;
import dev.sheaf.faults.oracle.TagReader;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.LeaseRef;
import io.grpc.ManagedChannel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** A farm whose parts a test can break one by one; at its end the oracle judges what happened. */
final class Site implements AutoCloseable {
    /** How much longer than promised things may take, on a machine that has other work too. */
    private static final int SLACK = Integer.parseInt(System.getenv().getOrDefault("SHEAF_FAULTS_SLACK", "1"));

    static final Duration READY = within(Duration.ofSeconds(60));
    private static final AtomicInteger NUMBERS = new AtomicInteger();
    private static final String LEAN = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC";

    private final Path directory;
    private final Deque<AutoCloseable> parts = new ArrayDeque<>();
    private final List<ScriptedAgent.Entry> record;
    private final Map<String, String> registryOf = new HashMap<>();
    private final Map<String, String> environment = new HashMap<>(Map.of("SHEAF_JVM_OPTS", LEAN));
    private List<String> coordinatorArguments = List.of();
    private String address = "127.0.0.1:0";
    private @Nullable Program coordinator;
    private @Nullable Api api;

    private Site(Path directory, List<ScriptedAgent.Entry> record) {
        this.directory = directory;
        this.record = record;
    }

    /** A promised time, as this machine can be held to it. */
    static Duration within(Duration promised) {
        return promised.multipliedBy(SLACK);
    }

    /** A site with a running coordinator. */
    static Site open(Path directory, String... coordinatorArguments) throws IOException, InterruptedException {
        return open(directory, Map.of(), coordinatorArguments);
    }

    /** The same; its programs run in this environment. */
    static Site open(Path directory, Map<String, String> environment, String... coordinatorArguments)
            throws IOException, InterruptedException {
        Site site = new Site(directory, new CopyOnWriteArrayList<>());
        site.environment.putAll(environment);
        site.coordinatorArguments = List.of(coordinatorArguments);
        site.startCoordinator();
        return site;
    }

    /** Another coordinator of the same flags, with a directory of its own; the record is one. */
    Site beside(String name) throws IOException, InterruptedException {
        Site site = new Site(Files.createDirectory(directory.resolve(name)), record);
        site.environment.putAll(environment);
        site.coordinatorArguments = coordinatorArguments;
        site.startCoordinator();
        return owns(site);
    }

    /** Starts the coordinator, the second time at the address that it had and with the data that it has. */
    Program startCoordinator() throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(
                List.of("--listen", address, "--data", directory.resolve("data").toString()));
        arguments.addAll(coordinatorArguments);
        Program started = start("coordinator", Farm.command("sheaf-coordinator", arguments.toArray(String[]::new)));
        coordinator = started;
        address = started.awaitLine(Pattern.compile("listening on (127\\.0\\.0\\.1:\\d+)"), READY)
                .group(1);
        if (api == null) {
            api = new Api(address);
        } else {
            api.channel().resetConnectBackoff();
        }
        return started;
    }

    /** Programs that are started from now on get these flags of Java too. */
    void java(String flags) {
        environment.put("SHEAF_JVM_OPTS", LEAN + " " + flags);
    }

    /** Starts a second coordinator on the data of the first. */
    Program startCoordinatorOnTheSameData() throws IOException {
        return start(
                "second",
                Farm.command(
                        "sheaf-coordinator",
                        "--listen",
                        "127.0.0.1:0",
                        "--data",
                        directory.resolve("data").toString()));
    }

    Program coordinator() {
        return java.util.Objects.requireNonNull(coordinator);
    }

    Api api() {
        return java.util.Objects.requireNonNull(api);
    }

    String address() {
        return address;
    }

    Path directory() {
        return directory;
    }

    List<ScriptedAgent.Entry> record() {
        return record;
    }

    /** Closed with the site. */
    <T extends AutoCloseable> T owns(T part) {
        parts.push(part);
        return part;
    }

    /** Images named after the first address are found in the registry at the second. */
    void standsFor(String address, String registry) {
        registryOf.put(address, registry);
    }

    private Program start(String name, List<String> command) throws IOException {
        return start(name, command, Map.of());
    }

    private Program start(String name, List<String> command, Map<String, String> more) throws IOException {
        Map<String, String> all = new HashMap<>(environment);
        all.putAll(more);
        Program program = Program.start(directory, name, command, all);
        parts.push(program::kill9);
        return program;
    }

    /** How an agent is started. */
    record Plan(String name, String platform, String engine, String coordinator, List<String> more) {
        Plan with(String... arguments) {
            return new Plan(
                    name,
                    platform,
                    engine,
                    coordinator,
                    Stream.concat(more.stream(), Stream.of(arguments)).toList());
        }

        Plan on(String otherEngine) {
            return new Plan(name, platform, otherEngine, coordinator, more);
        }

        Plan through(String otherCoordinator) {
            return new Plan(name, platform, engine, otherCoordinator, more);
        }

        private List<String> command() {
            List<String> arguments = new ArrayList<>(
                    List.of("--coordinator", coordinator, "--engine", engine, "--name", name, "--platform", platform));
            arguments.addAll(more);
            return Farm.command("sheaf-agent", arguments.toArray(String[]::new));
        }
    }

    Plan plan(String name, String platform) {
        return new Plan(name, platform, Lab.dockerHost(), address, List.of());
    }

    /** Starts an agent on the lab's engine and waits until the farm knows it. */
    Program agent(String name, String platform) throws IOException, InterruptedException {
        return joined(launch(plan(name, platform)), name);
    }

    /** Starts an agent behind a cable of its own. */
    Program agent(String name, String platform, Network network) throws IOException, InterruptedException {
        return joined(start(name, network.wrap(plan(name, platform).command())), name);
    }

    Program launch(Plan plan) throws IOException {
        return start(plan.name(), plan.command());
    }

    Program joined(Program agent, String name) throws InterruptedException {
        Program.await(name + " joins", READY, () -> {
            if (!agent.isAlive()) {
                throw new AssertionError(name + " ended: " + agent.out() + agent.err());
            }
            return api().knows(name);
        });
        return agent;
    }

    /** An agent without a host. */
    ScriptedAgent fake(String name, String platform, int slots, ScriptedAgent.Work work) throws InterruptedException {
        return fake(List.of(api().channel()), name, platform, slots, work);
    }

    /** One that calls whichever of several coordinators leads. */
    ScriptedAgent fake(
            List<ManagedChannel> coordinators, String name, String platform, int slots, ScriptedAgent.Work work)
            throws InterruptedException {
        ScriptedAgent agent = owns(ScriptedAgent.join(coordinators, name, platform, slots, work, record));
        Program.await(name + " joins", READY, agent::hasJoined);
        return agent;
    }

    /** Under which a scripted agent builds; the first one. */
    LeaseRef lease(String build) throws InterruptedException {
        Program.await(
                "the agent starts",
                READY,
                () -> record.stream()
                        .anyMatch(entry -> entry.lease().getBuildId().equals(build)));
        return record.stream()
                .map(ScriptedAgent.Entry::lease)
                .filter(lease -> lease.getBuildId().equals(build))
                .findFirst()
                .orElseThrow();
    }

    /** A build that a command line follows. */
    record Running(Program cli, String id) {}

    /** Starts a build with the command line and waits for its id. */
    Running build(String image, String platforms, String dockerfile, String... more)
            throws IOException, InterruptedException {
        return buildThrough(address, image, platforms, dockerfile, more);
    }

    /** The same through another address. */
    Running buildThrough(String coordinatorAddress, String image, String platforms, String dockerfile, String... more)
            throws IOException, InterruptedException {
        Program cli = cli(coordinatorAddress, buildArguments(image, platforms, dockerfile, more));
        return new Running(
                cli, cli.awaitLine(Pattern.compile("=> build (\\S+)"), READY).group(1));
    }

    String[] buildArguments(String image, String platforms, String dockerfile, String... more) throws IOException {
        Path context = Files.createTempDirectory(directory, "context");
        Files.writeString(context.resolve("Dockerfile"), dockerfile);
        List<String> arguments = new ArrayList<>(
                List.of("build", "--progress", "plain", "--platform", platforms, "-t", image, "--push"));
        arguments.addAll(List.of(more));
        arguments.add(context.toString());
        return arguments.toArray(String[]::new);
    }

    Program cli(String coordinatorAddress, String... arguments) throws IOException {
        return start(
                "sheaf",
                Farm.command("sheaf", arguments),
                Map.of(
                        "SHEAF_COORDINATOR",
                        coordinatorAddress,
                        "DOCKER_CONFIG",
                        directory.toString(),
                        "XDG_CACHE_HOME",
                        directory.resolve("cache").toString()));
    }

    /** The command lines of this site log in so. */
    void logIn(String registry, String user, String password) throws IOException {
        String pair = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        Files.writeString(
                directory.resolve("config.json"), "{\"auths\":{\"" + registry + "\":{\"auth\":\"" + pair + "\"}}}");
    }

    /** Waits for the step that sleeps so long; its pid. */
    static long awaitStep(String mark) throws InterruptedException {
        Program.await(
                "the step runs", READY, () -> !Host.processes("sleep\0" + mark).isEmpty());
        return Host.processes("sleep\0" + mark).getFirst();
    }

    /** An image name that no other test uses, in the lab's registry. */
    static String image() {
        return image(Lab.registry());
    }

    static String image(String registry) {
        return registry + "/faults/p" + ProcessHandle.current().pid() + "-" + NUMBERS.incrementAndGet() + ":1";
    }

    /** An argument for "sleep" that no other process has. */
    static String mark(int seconds) {
        return seconds + "." + (1_000_000 + ProcessHandle.current().pid() % 1_000) + NUMBERS.incrementAndGet();
    }

    /** Prints "started" and sleeps. */
    static String sleeper(String mark) {
        return "FROM " + Lab.busybox() + "\nRUN echo started; exec sleep " + mark + "\n";
    }

    /** What the farm told the user of the build's attempts. */
    String notices(String build) {
        return api().events(build).stream()
                .map(event -> event.getNotice().getText())
                .filter(text -> !text.isEmpty())
                .collect(Collectors.joining("; "));
    }

    /** Every build has ended, and every promise was kept. */
    void judge() throws IOException, InterruptedException {
        List<History.Story> stories = new ArrayList<>();
        Map<String, History.Tag> tags = new TreeMap<>();
        for (Build build : api().list()) {
            stories.add(new History.Story(build, api().events(build.getId())));
            for (String tag : build.getSpec().getTagsList()) {
                if (build.getSpec().getPush()) {
                    String host = tag.substring(0, tag.indexOf('/'));
                    TagReader.read(tag, registryOf.getOrDefault(host, host)).ifPresent(found -> tags.put(tag, found));
                }
            }
        }
        List<History.Lease> leases = record.stream()
                .filter(entry -> entry.kind() == ScriptedAgent.Kind.STARTED)
                .map(entry -> new History.Lease(
                        entry.lease().getBuildId(),
                        entry.lease().getPlatform(),
                        entry.lease().getFence(),
                        entry.attempt(),
                        record.stream()
                                .anyMatch(other -> other.kind() == ScriptedAgent.Kind.SETTLED
                                        && other.lease().equals(entry.lease()))))
                .toList();
        assertThat(stories).as("builds that were judged").isNotEmpty();
        assertThat(Judge.violations(new History(stories, tags, leases))).isEmpty();
    }

    @Override
    public void close() throws IOException {
        Exception first = null;
        while (!parts.isEmpty()) {
            try {
                parts.pop().close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception e) {
                first = first == null ? e : first;
            }
        }
        if (api != null) {
            api.close();
        }
        if (first != null) {
            throw new IOException("a part of the site could not be closed", first);
        }
    }
}
