package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sheaf.architecture.Lab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user sees in a real terminal: tmux is one, and says what is on its screen. */
@Tag("lab")
final class TerminalIT {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    @TempDir
    private Path directory;

    private Farm farm;
    private Path socket;

    @BeforeEach
    void start() throws Exception {
        assumeTrue(
                Stream.of(System.getenv("PATH").split(":")).anyMatch(bin -> Files.isExecutable(Path.of(bin, "tmux"))),
                "tmux is not on the PATH");
        socket = directory.resolve("tmux");
        farm = Farm.start(directory);
        farm.agent("amd64-1", "linux/amd64");
        farm.agent("386-1", "linux/386");
    }

    @AfterEach
    void stop() throws Exception {
        tmux("kill-server");
        farm.close();
    }

    @Test
    void progress_followsTheWindow_andLeavesNothingBehindAfterCtrlC() throws Exception {
        Path context = farm.context(
                "Dockerfile", "FROM " + Lab.registry() + "/lab/busybox:1\nRUN echo first; sleep 600; echo never\n");
        tmux("new-session", "-d", "-x", "120", "-y", "30", "env", "PS1=ready ", "sh");
        type("SHEAF_COORDINATOR=" + farm.address() + " " + Farm.root() + "/deploy/bin/sheaf build --no-cache --platform"
                + " linux/amd64,linux/386 " + context + "; echo exit=$?");

        await(
                "the platforms side by side",
                screen -> screen.stream()
                        .anyMatch(line -> line.matches("linux/amd64 .*s │ linux/386 .*s")
                                || line.matches("linux/386 .*s │ linux/amd64 .*s")));
        await("their output", screen -> screen.stream().anyMatch(line -> line.matches(".* first +│ .* first")));

        tmux("resize-window", "-x", "70", "-y", "30");
        await(
                "one under another",
                screen -> screen.stream().noneMatch(line -> line.contains("│"))
                        && heads(screen, "linux/amd64  building") == 1
                        && heads(screen, "linux/386  building") == 1);

        tmux("resize-window", "-x", "120", "-y", "30");
        await(
                "side by side again",
                screen -> heads(screen, "linux/") == 1 && screen.stream().anyMatch(line -> line.contains("│")));

        tmux("send-keys", "C-c");
        await("the exit code", screen -> screen.contains("exit=130"));
        List<String> screen = screen();
        assertThat(screen)
                .filteredOn(line -> line.startsWith("=> cancelling; "))
                .hasSize(1);
        assertThat(screen).noneMatch(line -> line.contains("^C") || line.contains("> [2/2]"));
        assertThat(screen).filteredOn(line -> line.contains("cancelled ")).hasSize(1);
        assertThat(screen).filteredOn(line -> line.startsWith("ERROR: ")).hasSize(1);
    }

    private static long heads(List<String> screen, String start) {
        return screen.stream().filter(line -> line.startsWith(start)).count();
    }

    private void type(String line) throws IOException, InterruptedException {
        tmux("send-keys", "-l", line);
        tmux("send-keys", "Enter");
    }

    private List<String> screen() {
        try {
            return tmux("capture-pane", "-p").lines().map(String::stripTrailing).toList();
        } catch (IOException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    private void await(String what, Predicate<List<String>> holds) throws InterruptedException {
        try {
            Program.await(what, LIMIT, () -> holds.test(screen()));
        } catch (AssertionError e) {
            throw new AssertionError(e.getMessage() + "; on the screen:\n" + String.join("\n", screen()), e);
        }
    }

    private String tmux(String... arguments) throws IOException, InterruptedException {
        List<String> command = Stream.concat(
                        Stream.of("tmux", "-u", "-f", "/dev/null", "-S", socket.toString()), Stream.of(arguments))
                .toList();
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        process.waitFor();
        return output;
    }
}
