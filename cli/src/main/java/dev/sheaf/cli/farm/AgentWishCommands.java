package dev.sheaf.cli.farm;

import dev.sheaf.cli.client.CoordinatorClient;
import dev.sheaf.cli.client.CoordinatorFlag;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.v1.AgentSelection;
import dev.sheaf.v1.AgentsChanged;
import dev.sheaf.v1.IdentityServiceGrpc.IdentityServiceBlockingStub;
import java.util.concurrent.Callable;
import java.util.function.BiFunction;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code sheaf agents revoke}, {@code drain} and {@code resume}. */
final class AgentWishCommands {
    private AgentWishCommands() {}

    /** What they share. */
    abstract static class Wish implements Callable<Integer> {
        private final Shell shell;
        private final String done;
        private final BiFunction<IdentityServiceBlockingStub, AgentSelection, AgentsChanged> wish;

        @Mixin
        private CoordinatorFlag coordinator = new CoordinatorFlag();

        @Mixin
        private SelectorFlags selector = new SelectorFlags();

        Wish(Shell shell, String done, BiFunction<IdentityServiceBlockingStub, AgentSelection, AgentsChanged> wish) {
            this.shell = shell;
            this.done = done;
            this.wish = wish;
        }

        @Override
        public Integer call() throws CliException, InterruptedException {
            AgentSelection selection = selector.selection();
            try (CoordinatorClient client = coordinator.connect(shell)) {
                client.identities(farm -> wish.apply(farm, selection))
                        .getNamesList()
                        .forEach(name -> shell.streams().out().println(TerminalText.plain(name) + " " + done));
                return 0;
            }
        }
    }

    /** {@code sheaf agents revoke}. */
    @Command(
            name = "revoke",
            header = "Take agents' identities: they are cut off at once, and what they build is given to others.",
            mixinStandardHelpOptions = true,
            footer = {"", "Examples:", "  sheaf agents revoke arm-1", "  sheaf agents revoke --pool team-a"})
    static final class Revoke extends Wish {
        Revoke(Shell shell) {
            super(shell, "revoked", IdentityServiceBlockingStub::revokeAgents);
        }
    }

    /** {@code sheaf agents drain}. */
    @Command(
            name = "drain",
            header = "Give agents nothing new until they are resumed, also after restarts. What runs goes on.",
            mixinStandardHelpOptions = true,
            footer = {"", "Examples:", "  sheaf agents drain arm-1 arm-2", "  sheaf agents drain --platform linux/arm64"
            })
    static final class Drain extends Wish {
        Drain(Shell shell) {
            super(shell, "drained", IdentityServiceBlockingStub::drainAgents);
        }
    }

    /** {@code sheaf agents resume}. */
    @Command(
            name = "resume",
            header = "Give drained agents work again.",
            mixinStandardHelpOptions = true,
            footer = {"", "Examples:", "  sheaf agents resume arm-1", "  sheaf agents resume --pool team-a"})
    static final class Resume extends Wish {
        Resume(Shell shell) {
            super(shell, "resumed", IdentityServiceBlockingStub::resumeAgents);
        }
    }
}
