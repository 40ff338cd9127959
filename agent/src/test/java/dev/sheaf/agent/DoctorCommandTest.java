package dev.sheaf.agent;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
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

    @Test
    void engineWantsTls_saysWhichFlags() throws Exception {
        try (ServerSocket engine = new ServerSocket(0, 0, InetAddress.getLoopbackAddress())) {
            Thread.ofVirtual().start(() -> {
                try (Socket caller = engine.accept()) {
                    // A fatal alert: what came was no handshake.
                    caller.getOutputStream().write(new byte[] {0x15, 3, 3, 0, 2, 2, 10});
                    caller.getInputStream().readNBytes(1);
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            });
            String address = "tcp://127.0.0.1:" + engine.getLocalPort();

            assertThat(run("doctor", "--engine", address, "--coordinator", "127.0.0.1:1"))
                    .startsWith("1 ")
                    .contains(
                            "FAIL  engine: " + address + " speaks TLS\n      fix: name --engine-ca, --engine-cert and")
                    .containsPattern("(?m)^FAIL {2}offer: nothing, for want of an engine\n");
        }
    }

    @Test
    void flagsThatDoNotFit_areRefusedInOneLine() {
        assertThat(run("doctor", "--engine", "tcp://127.0.0.1:1", "--engine-ca", "ca.pem"))
                .isEqualTo("1 sheaf-agent: TLS with an engine needs --engine-ca, --engine-cert and --engine-key;"
                        + " missing: --engine-cert, --engine-key\n");
        assertThat(run("doctor", "--engine", "tcp://10.0.0.1:1234"))
                .startsWith("1 sheaf-agent: engine \"tcp://10.0.0.1:1234\" is refused: ")
                .hasLineCount(1);
    }

    /** Exit code and all that was printed. */
    private static String run(String... arguments) {
        StringWriter out = new StringWriter();
        PrintWriter printer = new PrintWriter(out, true);
        int exit = AgentMain.commandLine(new AgentMain())
                .setOut(printer)
                .setErr(printer)
                .execute(arguments);
        return exit + " " + out;
    }
}
