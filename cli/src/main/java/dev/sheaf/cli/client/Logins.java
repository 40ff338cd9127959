package dev.sheaf.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.endpoint.tls.PrivateFile;
import dev.sheaf.endpoint.tls.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** The farms that this user has logged in to, in one file that nobody else can read; replaced as a whole. */
public final class Logins {
    private static final JsonMapper MAPPER = new JsonMapper();

    private final Path file;

    /** In the user's configuration. */
    public Logins(Shell shell) {
        // The XDG specification says that a relative path is to be ignored.
        Path configuration = shell.variable("XDG_CONFIG_HOME")
                .map(Path::of)
                .filter(Path::isAbsolute)
                .orElseGet(() -> Path.of(shell.variable("HOME").orElse("/")).resolve(".config"));
        this.file = configuration.resolve("sheaf").resolve("logins.json");
    }

    /** The farm that was logged in to last, as it was named. */
    public Optional<String> last() throws CliException {
        String last = read().path("last").asText("");
        return last.isEmpty() ? Optional.empty() : Optional.of(last);
    }

    /** The token for a farm, by the name that it was logged in to under. */
    public Optional<Token> token(String farm) throws CliException {
        String text = read().path("farms").path(farm).asText("");
        if (text.isEmpty()) {
            return Optional.empty();
        }
        try {
            return Optional.of(Token.parse(Token.Kind.USER, text));
        } catch (IllegalArgumentException e) {
            throw damaged();
        }
    }

    /** Keeps a token; the farm is the last one from now on. */
    public void keep(String farm, Token token) throws CliException {
        ObjectNode all = read();
        all.put("last", farm);
        all.withObjectProperty("farms").put(farm, token.text());
        write(all);
    }

    /** False: nobody was logged in there. */
    public boolean forget(String farm) throws CliException {
        ObjectNode all = read();
        boolean known = all.withObjectProperty("farms").remove(farm) != null;
        if (all.path("last").asText("").equals(farm)) {
            all.remove("last");
        }
        if (known) {
            write(all);
        }
        return known;
    }

    private ObjectNode read() throws CliException {
        try {
            if (PrivateFile.isOpenToOthers(file)) {
                throw CliException.user("others can read the tokens in " + file + ": run \"chmod 600 " + file + "\"");
            }
            JsonNode content = MAPPER.readTree(Files.readString(file));
            if (content instanceof ObjectNode object) {
                return object;
            }
            throw damaged();
        } catch (NoSuchFileException e) {
            return MAPPER.createObjectNode();
        } catch (JsonProcessingException e) {
            throw damaged();
        } catch (IOException e) {
            throw CliException.user("the tokens in " + file + " cannot be read: " + e.getMessage());
        }
    }

    private CliException damaged() {
        return CliException.user("the file of logins " + file + " is damaged: remove it, and log in again");
    }

    private void write(ObjectNode all) throws CliException {
        try {
            PrivateFile.replace(file, all.toPrettyString() + "\n");
        } catch (IOException e) {
            throw new CliException(ExitCode.USER, "the login cannot be kept in " + file + ": " + e);
        }
    }
}
