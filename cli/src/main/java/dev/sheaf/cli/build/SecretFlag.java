package dev.sheaf.cli.build;

import com.google.protobuf.ByteString;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.v1.Secret;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** A value of --secret, such as {@code id=token,env=TOKEN} or {@code id=key,src=key.pem}. */
final class SecretFlag {
    /** What BuildKit takes. */
    private static final int MAX_BYTES = 500 * 1024;

    private SecretFlag() {}

    /** Reads the flag, and then the secret from where the flag says. Messages never hold the secret. */
    static Secret read(String text, Shell shell) throws CliException {
        String id = "";
        String file = "";
        String variable = "";
        String type = "";
        for (String field : text.split(",", -1)) {
            int equals = field.indexOf('=');
            String value = equals < 0 ? "" : field.substring(equals + 1);
            switch (equals < 0 ? field : field.substring(0, equals)) {
                case "id" -> id = value;
                case "src", "source" -> file = value;
                case "env" -> variable = value;
                case "type" -> type = value;
                // The field itself may be a secret that landed in the wrong place.
                default -> throw CliException.user(
                        "--secret has a field that is none of id, src, env, type; write id=ID,src=FILE or id=ID,env=NAME");
            }
        }
        if (!type.isEmpty() && !type.equals("file") && !type.equals("env")) {
            throw CliException.user("--secret " + id + ": type is file or env");
        }
        if (id.isEmpty()) {
            throw CliException.user("--secret needs an id; write id=ID,src=FILE or id=ID,env=NAME");
        }
        if (type.equals("env") && variable.isEmpty()) {
            variable = file.isEmpty() ? id : file;
            file = "";
        }
        if (variable.isEmpty() && file.isEmpty()) {
            boolean inEnvironment = !type.equals("file") && shell.environment().containsKey(id);
            return inEnvironment ? fromEnvironment(id, id, shell) : fromFile(id, id, shell);
        }
        return variable.isEmpty() ? fromFile(id, file, shell) : fromEnvironment(id, variable, shell);
    }

    private static Secret fromEnvironment(String id, String variable, Shell shell) throws CliException {
        String value = shell.environment().get(variable);
        if (value == null) {
            throw CliException.user("--secret " + id + ": the environment variable " + variable + " is not set");
        }
        return secret(id, ByteString.copyFromUtf8(value));
    }

    private static Secret fromFile(String id, String name, Shell shell) throws CliException {
        String home = shell.variable("HOME").orElse("");
        Path file = name.startsWith("~/") && !home.isEmpty()
                ? Path.of(home, name.substring(2))
                : shell.directory().resolve(name);
        try (InputStream in = Files.newInputStream(file)) {
            return secret(id, ByteString.copyFrom(in.readNBytes(MAX_BYTES + 1)));
        } catch (IOException e) {
            throw CliException.user("--secret " + id + ": the file " + name + " cannot be read");
        }
    }

    private static Secret secret(String id, ByteString value) throws CliException {
        if (value.size() > MAX_BYTES) {
            throw CliException.user("--secret " + id + " is larger than 500 KiB, which is the most that BuildKit takes");
        }
        return Secret.newBuilder().setId(id).setValue(value).build();
    }
}
