package dev.sheaf.cli.client;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.endpoint.FarmAddress;
import dev.sheaf.endpoint.tls.FarmTrust;
import dev.sheaf.endpoint.tls.Token;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** --coordinator, the same for every command. */
public final class CoordinatorFlag {
    @Option(
            names = "--coordinator",
            paramLabel = "HOST:PORT[,...]",
            description = "Coordinator to call, or several of which one leads: the one that answers is followed"
                    + " (env SHEAF_COORDINATOR; default: where you logged in last, else 127.0.0.1:7420).")
    private @Nullable String address;

    /**
     * A client for the farm in the flag, or in the environment, or that was logged in to last, or on this machine; with
     * the token in the environment, or of the login there.
     */
    public CoordinatorClient connect(Shell shell) throws CliException {
        Logins logins = new Logins(shell);
        Optional<Token> given = given(shell);
        String text =
                address != null ? address : shell.variable("SHEAF_COORDINATOR").orElse("");
        if (text.isEmpty()) {
            text = logins.last().orElse(FarmAddress.DEFAULT.toString());
        }
        Optional<Token> token = given.isPresent() ? given : logins.token(text);
        try {
            List<FarmAddress> farm = FarmAddress.parseList(text);
            return CoordinatorClient.open(farm, access(farm, token, shell), shell.sleeper());
        } catch (IllegalArgumentException e) {
            throw CliException.user(String.valueOf(e.getMessage()));
        }
    }

    private static Access access(List<FarmAddress> farm, Optional<Token> token, Shell shell) {
        Optional<FarmTrust> authorities = shell.variable("SHEAF_CA_FILE")
                .map(file -> FarmTrust.read(shell.directory().resolve(file)));
        if (authorities.isEmpty() && token.isEmpty()) {
            farm.forEach(FarmAddress::requirePlaintextAllowed);
            return new Access.Plaintext();
        }
        return new Access.Secure(
                authorities.orElseGet(
                        () -> new FarmTrust.Pinned(token.orElseThrow().pin())),
                token);
    }

    private static Optional<Token> given(Shell shell) throws CliException {
        Optional<String> token = shell.variable("SHEAF_TOKEN");
        Optional<String> file = shell.variable("SHEAF_TOKEN_FILE");
        if (token.isPresent() && file.isPresent()) {
            throw CliException.user("both SHEAF_TOKEN and SHEAF_TOKEN_FILE are set: set one");
        }
        try {
            if (file.isPresent()) {
                token = Optional.of(Files.readString(shell.directory().resolve(file.get())));
            }
            return token.map(text -> Token.parse(Token.Kind.USER, text));
        } catch (IOException e) {
            throw CliException.user("SHEAF_TOKEN_FILE names " + file.orElse("") + ", which cannot be read");
        } catch (IllegalArgumentException e) {
            throw CliException.user(
                    (file.isPresent() ? "SHEAF_TOKEN_FILE: " : "SHEAF_TOKEN: ") + String.valueOf(e.getMessage()));
        }
    }
}
