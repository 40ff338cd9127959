package dev.sheaf.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

/** {@code sheaf-agent doctor} on this machine, with nothing to work with. */
@Timeout(60)
final class DoctorCommandTest {
    @Test
    void neitherEngineNorCoordinator_everyCheckIsPrinted_exit1(@TempDir Path directory) {
        StringWriter out = new StringWriter();
        CommandLine line = AgentMain.commandLine(new AgentMain()).setOut(new PrintWriter(out, true));

        int exit = line.execute(
                "doctor", "--engine", "unix://" + directory.resolve("none"), "--coordinator", "127.0.0.1:1");

        assertThat(exit).isEqualTo(1);
        assertThat(out.toString())
                .containsPattern("(?m)^pass {2}host: ")
                .containsPattern("(?m)^pass {2}linux/\\w+: ")
                .containsPattern(
                        "(?m)^FAIL {2}engine: .*there is no such socket\n {6}fix: start the engine, or name its")
                .containsPattern("(?m)^FAIL {2}offer: nothing, for want of an engine\n {6}fix: ")
                .containsPattern("(?m)^FAIL {2}coordinator: 127.0.0.1:1: .*\n {6}fix: start it with sheaf-coordinator");
    }
}
