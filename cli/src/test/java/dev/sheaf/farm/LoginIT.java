package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a terminal shows of a token that is typed: util-linux's "script" is one. */
final class LoginIT {
    private static final String SECRET = "S3cret" + "A".repeat(37);
    private static final String TOKEN = "sheafuser1.00112233aabbccdd." + SECRET + "." + "0".repeat(64);
    private static final long LIMIT_SECONDS = 60;

    @TempDir
    private Path directory;

    private String typed(String command) throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/script")), "there is no /usr/bin/script");
        ProcessBuilder builder = new ProcessBuilder("/usr/bin/script", "-qefc", command, "/dev/null")
                .directory(directory.toFile())
                .redirectErrorStream(true);
        builder.environment().put("HOME", directory.toString());
        Process terminal = builder.start();
        StringBuilder screen = new StringBuilder();
        Thread reader = Thread.ofVirtual().start(() -> {
            try {
                for (int next = terminal.getInputStream().read(); next >= 0; ) {
                    synchronized (screen) {
                        screen.append((char) next);
                    }
                    next = terminal.getInputStream().read();
                }
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        });
        Program.await("the question", java.time.Duration.ofSeconds(LIMIT_SECONDS), () -> {
            synchronized (screen) {
                return screen.indexOf("token: ") >= 0 || !terminal.isAlive();
            }
        });
        OutputStream keys = terminal.getOutputStream();
        if (terminal.isAlive()) {
            keys.write((TOKEN + "\n").getBytes(StandardCharsets.US_ASCII));
            keys.flush();
        }
        assertThat(terminal.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)).isTrue();
        reader.join();
        synchronized (screen) {
            return screen.toString();
        }
    }

    @Test
    void tokenThatIsTyped_isReadAndNotShown() throws Exception {
        String sheaf = String.join(" ", Farm.command("sheaf", "login", "127.0.0.1:1"));

        String screen = typed(sheaf);

        // It was read: what fails is the call.
        assertThat(screen).contains("token: ", "127.0.0.1:1").doesNotContain("is no token");
        assertThat(screen).doesNotContain(SECRET, "sheafuser1");
        assertThat(List.of(screen.split("\\R"))).hasSizeLessThanOrEqualTo(3);
    }

    @Test
    void outputThatIsNoTerminal_isRefusedBeforeAnythingIsTyped() throws Exception {
        String sheaf = String.join(" ", Farm.command("sheaf", "login", "127.0.0.1:1"));

        String screen = typed("{ " + sheaf + "; echo code=$?; } | cat");

        assertThat(screen)
                .contains("standard output is not the terminal", "code=1")
                .doesNotContain(SECRET);
    }
}
