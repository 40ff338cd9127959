package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** The program git, which makes repositories for tests. */
final class Git {
    private Git() {}

    /** Runs it there; it must succeed. */
    static void run(Path work, String... arguments) throws IOException, InterruptedException {
        List<String> command = Stream.concat(
                        Stream.of("git", "-c", "user.name=it", "-c", "user.email=it@example.com"), Stream.of(arguments))
                .toList();
        Process git = new ProcessBuilder(command)
                .directory(work.toFile())
                .redirectErrorStream(true)
                .start();
        String output = new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(git.waitFor()).as(command + output).isZero();
    }
}
