package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import dev.sheaf.faults.chaos.Network;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A coordinator over TLS; agents live in a network of their own. */
abstract class TlsFarmFixture {
    static final Duration READY = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final List<Program> programs = new ArrayList<>();
    private Network network;
    Program coordinator;
    String farm;

    @BeforeEach
    void startFarm() throws Exception {
        network = Network.create();
        run(Map.of(), coordinator("init", "--name", network.machine())).requireSuccess();
        coordinator = start("coordinator", Map.of(), coordinator("--listen", "0.0.0.0:0"));
        farm = network.machine() + ":"
                + coordinator
                        .awaitLine(Pattern.compile("listening on 0\\.0\\.0\\.0:(\\d+)"), READY)
                        .group(1);
    }

    @AfterEach
    void stopFarm() {
        programs.reversed().forEach(Program::close);
        if (network != null) {
            network.close();
        }
    }

    List<String> coordinator(String... arguments) {
        List<String> command = new ArrayList<>(Farm.command("sheaf-coordinator", arguments));
        command.addAll(List.of("--data", directory.resolve("data").toString()));
        return command;
    }

    List<String> agent(String... arguments) {
        List<String> command = new ArrayList<>(Farm.command("sheaf-agent", arguments));
        command.addAll(List.of("--state", directory.resolve("agent").toString()));
        return network.wrap(command);
    }

    Program start(String name, Map<String, String> environment, List<String> command) throws IOException {
        Map<String, String> all = new HashMap<>(Map.of(
                "HOME",
                directory.toString(),
                "XDG_CACHE_HOME",
                directory.resolve("cache").toString()));
        all.putAll(environment);
        Program program = Program.start(directory, name, command, all);
        programs.add(program);
        return program;
    }

    record Outcome(int code, String out, String err) {
        Outcome requireSuccess() {
            assertThat(code).as(out + err).isZero();
            return this;
        }
    }

    Outcome run(Map<String, String> environment, List<String> command) throws IOException, InterruptedException {
        Program program = start("run", environment, command);
        int code = program.await(Duration.ofMinutes(3));
        return new Outcome(code, program.out().strip(), program.err().strip());
    }

    Outcome sheaf(String... arguments) throws IOException, InterruptedException {
        return run(Map.of(), Farm.command("sheaf", arguments));
    }

    void logIn() throws IOException, InterruptedException {
        String token = run(Map.of(), coordinator("users", "add", "alice", "--operator", "--team", "platform"))
                .requireSuccess()
                .out();
        Path file = Files.writeString(directory.resolve("token"), token);
        List<String> login = List.of(
                "sh",
                "-c",
                "exec \"$0\" login " + farm + " <" + file,
                Farm.command("sheaf").getFirst());
        assertThat(run(Map.of(), login).requireSuccess().out()).contains("as alice of team platform, an operator");
    }

    Program join(String name) throws IOException, InterruptedException {
        Outcome invited = sheaf("agents", "invite", "--pool", "team-a", "--platform", "linux/amd64")
                .requireSuccess();
        assertThat(invited.err()).contains("team-a", "linux/amd64", "sheaf-agent join " + farm + " TOKEN");
        assertThat(run(Map.of(), agent("join", farm, invited.out(), "--name", name))
                        .requireSuccess()
                        .out())
                .contains("joined " + farm + " as agent \"" + name + "\"");
        assertThat(run(Map.of(), agent("join", farm, invited.out(), "--name", "second"))
                        .err())
                .contains("the token was used");
        Program agent = start(name, Map.of(), agent("--engine", Lab.dockerHost()));
        Program.await(name + " is there", READY, () -> lists(name + "\\s+idle"));
        return agent;
    }

    boolean lists(String pattern) {
        return Pattern.compile("(?m)^" + pattern).matcher(quiet("agents")).find();
    }

    String quiet(String... arguments) {
        try {
            return sheaf(arguments).out();
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
