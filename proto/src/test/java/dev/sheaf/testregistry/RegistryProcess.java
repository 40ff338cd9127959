package dev.sheaf.testregistry;

import dev.sheaf.architecture.Lab;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A real registry of the test's own, on a port that the system chose. */
public final class RegistryProcess implements AutoCloseable {
    private static final Pattern LISTENING = Pattern.compile("listening on (127\\.0\\.0\\.1:[0-9]+)");

    /** The registry takes bcrypt only, which the JDK does not make. */
    private static final Map<String, String> BCRYPT =
            Map.of("s3cret-pw", "$2b$05$abcdefghijklmnopqrstuuzSvhclVSvY9ufOheOOhcPviTPFJlqIC");

    private final Settings settings;
    private final String address;
    private Process process;

    private RegistryProcess(Settings settings, Started started) {
        this.settings = settings;
        this.address = started.address();
        this.process = started.process();
    }

    private record Settings(Path directory, String auth, boolean deletes) {}

    private record Started(Process process, String address) {}

    /** One that knows this user by this password, which must be the one that is known here. */
    public static RegistryProcess withPasswords(Path directory, String user, String password) throws IOException {
        Path file = Files.writeString(directory.resolve("htpasswd"), user + ":" + BCRYPT.get(password) + "\n");
        return start(directory, "auth: {htpasswd: {realm: test, path: '" + file + "'}}\n");
    }

    /** One that keeps its storage in this directory; {@code auth} goes into its configuration, empty: open to all. */
    public static RegistryProcess start(Path directory, String auth) throws IOException {
        return start(new Settings(directory, auth, true));
    }

    /** One as it is without {@code REGISTRY_STORAGE_DELETE_ENABLED=true}: open to all, and deletes nothing. */
    public static RegistryProcess withoutDeletion(Path directory) throws IOException {
        return start(new Settings(directory, "", false));
    }

    private static RegistryProcess start(Settings settings) throws IOException {
        return new RegistryProcess(settings, run(settings, "127.0.0.1:0"));
    }

    private static Started run(Settings settings, String listen) throws IOException {
        Path distributed = Path.of("/usr/bin/docker-registry");
        Path binary = Files.isExecutable(distributed) ? distributed : Lab.registryBinary();
        Path config = Files.writeString(
                settings.directory().resolve("registry.yml"),
                "version: 0.1\nlog: {level: info}\nhttp: {addr: '" + listen
                        + "'}\nstorage: {delete: {enabled: " + settings.deletes() + "}, filesystem: {rootdirectory: '"
                        + settings.directory().resolve("storage") + "'}}\n" + settings.auth());
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
                Thread.ofVirtual().start(() -> discard(output));
                return new Started(process, matcher.group(1));
            }
        }
        process.destroy();
        throw new IOException("the registry did not start: " + said);
    }

    /** So that it never waits for its output to be read. */
    private static void discard(BufferedReader output) {
        try {
            output.transferTo(Writer.nullWriter());
        } catch (IOException _) {
            // It was ended.
        }
    }

    /** Host and port. */
    public String address() {
        return address;
    }

    /** Where it keeps what it holds: {@code docker/registry/v2/...}. */
    public Path storage() {
        return settings.directory().resolve("storage");
    }

    /** Ends it as a crash would. */
    public void kill() {
        process.destroyForcibly().onExit().join();
    }

    /** Starts it again where it was. */
    public void restart() throws IOException {
        process = run(settings, address).process();
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
    }
}
