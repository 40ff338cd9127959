package dev.sheaf.farm;

import dev.sheaf.architecture.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** A farm on this machine: a coordinator, the agents that a test starts, and the command line. */
public final class Farm implements AutoCloseable {
    private static final Duration READY = Duration.ofSeconds(60);
    private static final Pattern SPEAKS = Pattern.compile("speaks with the coordinator");
    private static final Path LAUNCHERS = root().resolve("deploy/bin");

    private final Path directory;
    private final Map<String, String> environment;
    private Program coordinator;
    private final String address;
    private final Deque<Program> agents = new ArrayDeque<>();

    private Farm(Path directory, Map<String, String> environment, Program coordinator, String address) {
        this.directory = directory;
        this.environment = environment;
        this.coordinator = coordinator;
        this.address = address;
    }

    public static Farm start(Path directory) throws IOException, InterruptedException {
        return start(directory, Map.of());
    }

    /** All its programs run in this environment. */
    static Farm start(Path directory, Map<String, String> environment) throws IOException, InterruptedException {
        Program coordinator = coordinator(directory, environment, "127.0.0.1:0");
        return new Farm(directory, environment, coordinator, awaitAddress(coordinator));
    }

    private static Program coordinator(Path directory, Map<String, String> environment, String listen)
            throws IOException {
        String data = directory.resolve("data").toString();
        return Program.start(
                directory,
                "coordinator",
                command("sheaf-coordinator", "--listen", listen, "--data", data),
                environment);
    }

    private static String awaitAddress(Program coordinator) throws InterruptedException {
        return coordinator
                .awaitLine(Pattern.compile("listening on (127\\.0\\.0\\.1:\\d+)"), READY)
                .group(1);
    }

    /** Starts another coordinator at the same address with the same data, after the first has ended. */
    void restartCoordinator() throws IOException, InterruptedException {
        coordinator = coordinator(directory, environment, address);
        awaitAddress(coordinator);
    }

    String address() {
        return address;
    }

    Program coordinator() {
        return coordinator;
    }

    /** Starts an agent that offers these of its host's platforms, and waits until it has joined. */
    Program agent(String name, String... platforms) throws IOException, InterruptedException {
        String[] flags = Stream.of(platforms)
                .flatMap(platform -> Stream.of("--platform", platform))
                .toArray(String[]::new);
        return agentOn(name, Lab.dockerHost(), flags);
    }

    /** Starts an agent of this engine with these flags, and waits until it has joined. */
    Program agentOn(String name, String engine, String... flags) throws IOException, InterruptedException {
        return agentWithin(List.of(), name, engine, flags);
    }

    /** The same, run by another command. */
    Program agentWithin(List<String> surrounding, String name, String engine, String... flags)
            throws IOException, InterruptedException {
        List<String> arguments = new ArrayList<>(List.of("--coordinator", address, "--engine", engine, "--name", name));
        arguments.addAll(List.of(flags));
        List<String> line = new ArrayList<>(surrounding);
        line.addAll(command("sheaf-agent", arguments.toArray(String[]::new)));
        Program agent = Program.start(directory, name, line, environment);
        agents.push(agent);
        agent.awaitLine(SPEAKS, READY);
        Pattern joined = Pattern.compile("(?m)^" + Pattern.quote(name) + "\\s");
        Program.await(name + " joins", READY, () -> {
            if (!agent.isAlive()) {
                throw new AssertionError(name + " ended: " + agent.out() + agent.err());
            }
            return joined.matcher(run("agents").out()).find();
        });
        return agent;
    }

    /** Runs another of Sheaf's programs to its end. */
    Result launch(String launcher, String... arguments) throws IOException, InterruptedException {
        try (Program program = Program.start(
                directory, launcher, command(launcher, arguments), Map.of("SHEAF_COORDINATOR", address))) {
            int code = program.await(Duration.ofMinutes(2));
            return new Result(code, program.out(), program.err());
        }
    }

    /** What a finished command left. */
    record Result(int exitCode, String out, String err) {
        String all() {
            return "exit code " + exitCode + "\n" + out + "\n" + err;
        }
    }

    Program start(String... arguments) throws IOException {
        return start(Map.of(), arguments);
    }

    Program start(Map<String, String> more, String... arguments) throws IOException {
        return start(ProcessBuilder.Redirect.PIPE, more, arguments);
    }

    private Program start(ProcessBuilder.Redirect input, Map<String, String> more, String... arguments)
            throws IOException {
        Map<String, String> all = Stream.of(
                        Map.of(
                                "SHEAF_COORDINATOR",
                                address,
                                "XDG_CACHE_HOME",
                                directory.resolve("cache").toString()),
                        environment,
                        more)
                .flatMap(variables -> variables.entrySet().stream())
                .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue, (_, last) -> last));
        return Program.start(directory, "sheaf", command("sheaf", arguments), all, input);
    }

    Result run(String... arguments) {
        return run(Map.of(), arguments);
    }

    Result run(Map<String, String> environment, String... arguments) {
        return run(ProcessBuilder.Redirect.PIPE, environment, arguments);
    }

    /** With this file as standard input. */
    Result runWith(Path input, String... arguments) {
        return run(ProcessBuilder.Redirect.from(input.toFile()), Map.of(), arguments);
    }

    private Result run(ProcessBuilder.Redirect input, Map<String, String> more, String... arguments) {
        try (Program program = start(input, more, arguments)) {
            int code = program.await(Duration.ofMinutes(5));
            return new Result(code, program.out(), program.err());
        } catch (IOException e) {
            throw new AssertionError("sheaf " + Arrays.toString(arguments) + ": " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    /** Writes a context directory: pairs of a path and its content. */
    Path context(String... pathsAndContents) throws IOException {
        Path context = Files.createTempDirectory(directory, "context");
        for (int i = 0; i < pathsAndContents.length; i += 2) {
            Path file = context.resolve(pathsAndContents[i]);
            Files.createDirectories(file.getParent());
            Files.writeString(file, pathsAndContents[i + 1]);
        }
        return context;
    }

    /** What starts a program through its launcher. */
    public static List<String> command(String launcher, String... arguments) {
        return Stream.concat(Stream.of(LAUNCHERS.resolve(launcher).toString()), Stream.of(arguments))
                .toList();
    }

    public static Path root() {
        Path here = Path.of("").toAbsolutePath();
        while (!Files.exists(here.resolve("deploy/bin"))) {
            here = Objects.requireNonNull(here.getParent(), "not in a checkout of Sheaf");
        }
        return here;
    }

    @Override
    public void close() {
        for (Program agent : agents) {
            agent.close();
        }
        coordinator.close();
    }
}
