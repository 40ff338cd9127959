package dev.sheaf.cli.farm;

import dev.sheaf.cli.client.Access;
import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.client.Logins;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.endpoint.FarmAddress;
import dev.sheaf.endpoint.tls.FarmTrust;
import dev.sheaf.endpoint.tls.Token;
import dev.sheaf.v1.UserCaller;
import dev.sheaf.v1.WhoAmIRequest;
import dev.sheaf.v1.WhoAmIResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code sheaf login}. */
@Command(
        name = "login",
        header = "Log in to a farm with a token from its operators.",
        description = {
            "Reads the token from standard input, or asks for it and does not show what is typed. Asks the farm whether it holds, and keeps it in ~/.config/sheaf.",
            "Instead of logging in, SHEAF_TOKEN or SHEAF_TOKEN_FILE may name a token. SHEAF_CA_FILE names authorities to"
                    + " be trusted in place of the one that the token pins."
        },
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  sheaf login farm.example.com:7420 <token-file",
            "  sheaf login farm.example.com:7420"
        })
public final class LoginCommand implements Callable<Integer> {
    private static final int MAX_TOKEN = 512; // bytes

    private final Shell shell;

    @Parameters(paramLabel = "HOST:PORT[,...]", description = "The farm's coordinator, or several of which one leads.")
    private String farm = "";

    public LoginCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws CliException, InterruptedException {
        List<FarmAddress> addresses;
        Token token;
        FarmTrust trust;
        try {
            addresses = FarmAddress.parseList(farm);
            token = Token.parse(Token.Kind.USER, read());
            trust = shell.variable("SHEAF_CA_FILE")
                    .map(file -> FarmTrust.read(shell.directory().resolve(file)))
                    .orElse(new FarmTrust.Pinned(token.pin()));
        } catch (IllegalArgumentException e) {
            throw CliException.user(String.valueOf(e.getMessage()));
        }
        Access access = new Access.Secure(trust, Optional.of(token));
        try (CoordinatorClient client = CoordinatorClient.open(addresses, access, shell.sleeper())) {
            WhoAmIResponse who = client.identities(farm -> farm.whoAmI(WhoAmIRequest.getDefaultInstance()));
            new Logins(shell).keep(farm, token);
            UserCaller user = who.getUser();
            shell.streams()
                    .out()
                    .println("logged in to " + farm + " as " + TerminalText.plain(user.getName()) + " of team "
                            + TerminalText.plain(user.getTeam()) + (user.getOperator() ? ", an operator" : ""));
            return 0;
        }
    }

    private String read() throws CliException {
        Optional<String> typed = shell.streams().prompt().secret("token: ");
        if (typed.isPresent()) {
            return typed.get().strip();
        }
        try {
            byte[] bytes = new byte[MAX_TOKEN];
            int count = 0;
            int next = shell.streams().in().read();
            while (next >= 0 && next != '\n' && count < MAX_TOKEN) {
                bytes[count++] = (byte) next;
                next = shell.streams().in().read();
            }
            return new String(bytes, 0, count, StandardCharsets.US_ASCII);
        } catch (IOException e) {
            throw CliException.user("the token cannot be read from standard input: " + e.getMessage());
        }
    }
}
