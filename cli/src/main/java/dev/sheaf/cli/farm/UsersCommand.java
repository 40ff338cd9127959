package dev.sheaf.cli.farm;

import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.client.CoordinatorFlag;
import dev.sheaf.cli.output.Table;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.output.Words;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.v1.AddUserRequest;
import dev.sheaf.v1.ListUsersRequest;
import dev.sheaf.v1.RemoveUserRequest;
import dev.sheaf.v1.User;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf users}. */
@Command(
        name = "users",
        header = "List the farm's users; add and remove some. For operators.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  sheaf users",
            "  sheaf users add --team payments ci-payments >token-file",
            "  sheaf users remove ci-payments"
        })
public final class UsersCommand implements Callable<Integer> {
    private final Shell shell;

    @Mixin
    private CoordinatorFlag coordinator = new CoordinatorFlag();

    public UsersCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws CliException, InterruptedException {
        try (CoordinatorClient client = coordinator.connect(shell)) {
            Table table = new Table("USER", "TEAM", "OPERATOR", "ADDED");
            for (User user : client.identities(farm -> farm.listUsers(ListUsersRequest.getDefaultInstance()))
                    .getUsersList()) {
                table.row(
                        user.getName(),
                        user.getTeam(),
                        user.getOperator() ? "yes" : "",
                        Words.instant(user.getAdded())
                                .truncatedTo(ChronoUnit.SECONDS)
                                .toString());
            }
            table.print(shell.streams().out());
            return 0;
        }
    }

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            header = "Add a user, or give one a new token, which ends the old one. Prints the token, once.",
            footer = {"", "Example: sheaf users add --team payments ci-payments >token-file"})
    int add(
            @Mixin CoordinatorFlag farm,
            @Option(
                            names = "--team",
                            paramLabel = "TEAM",
                            required = true,
                            description = "Whose builds the user's are.")
                    String team,
            @Option(names = "--operator", description = "May invite and revoke agents, and add users.")
                    boolean operator,
            @Parameters(paramLabel = "NAME", description = "Of the user.") String name)
            throws CliException, InterruptedException {
        AddUserRequest request = AddUserRequest.newBuilder()
                .setName(name)
                .setTeam(team)
                .setOperator(operator)
                .build();
        try (CoordinatorClient client = farm.connect(shell)) {
            String token =
                    client.identities(identities -> identities.addUser(request)).getToken();
            shell.streams().err().println("give " + name + " this token, for \"sheaf login " + client.farm() + "\":");
            shell.streams().err().flush();
            shell.streams().out().println(TerminalText.plain(token));
            return 0;
        }
    }

    @Command(
            name = "remove",
            mixinStandardHelpOptions = true,
            header = "End a user's token.",
            footer = {"", "Example: sheaf users remove ci-payments"})
    int remove(@Mixin CoordinatorFlag farm, @Parameters(paramLabel = "NAME", description = "Of the user.") String name)
            throws CliException, InterruptedException {
        try (CoordinatorClient client = farm.connect(shell)) {
            var _ = client.identities(identities -> identities.removeUser(
                    RemoveUserRequest.newBuilder().setName(name).build()));
            shell.streams().out().println("removed " + TerminalText.plain(name));
            return 0;
        }
    }
}
