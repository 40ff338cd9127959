package dev.sheaf.image.registry;

import dev.sheaf.architecture.Lab;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real registry of the test's own, on a port that the system chose. */
final class RegistryProcess implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("listening on (127\\.0\\.0\\.1:[0-9]+)");

    /** The registry takes bcrypt only, which the JDK does not make. */
    private static final Map<String, String> BCRYPT =
            Map.of("s3cret-pw", "$2b$05$abcdefghijklmnopqrstuuzSvhclVSvY9ufOheOOhcPviTPFJlqIC");

    private final Process process;
    private final String address;

    private RegistryProcess(Process process, String address) {
        this.process = process;
        this.address = address;
    }

    static RegistryProcess withPasswords(Path directory, String user, String password) throws IOException {
        Path file = Files.writeString(directory.resolve("htpasswd"), user + ":" + BCRYPT.get(password) + "\n");
        return start(directory, "auth: {htpasswd: {realm: test, path: '" + file + "'}}\n");
    }

    static RegistryProcess start(Path directory, String auth) throws IOException {
        Path distributed = Path.of("/usr/bin/docker-registry");
        Path binary = Files.isExecutable(distributed) ? distributed : Lab.registryBinary();
        Path config = Files.writeString(
                directory.resolve("registry.yml"),
                "version: 0.1\nlog: {level: info}\nhttp: {addr: '127.0.0.1:0'}\nstorage: {filesystem: {rootdirectory: '"
                        + directory.resolve("storage") + "'}}\n" + auth);
        ProcessBuilder command = new ProcessBuilder(binary.toString(), "serve", config.toString());
        command.redirectErrorStream(true);
        command.environment().put("OTEL_TRACES_EXPORTER", "none");
        Process process = command.start();
        StringBuilder said = new StringBuilder();
        BufferedReader output = process.inputReader(StandardCharsets.UTF_8);
        for (String line = output.readLine(); line != null; line = output.readLine()) {
            said.append(line).append('\n');
            Matcher matcher = LISTENING.matcher(line);
            if (matcher.find()) {
                Thread.ofVirtual().start(() -> output.lines().forEach(_ -> {}));
                return new RegistryProcess(process, matcher.group(1));
            }
        }
        process.destroy();
        throw new IOException("the registry did not start: " + said);
    }

    String address() {
        return address;
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
