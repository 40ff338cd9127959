package dev.sheaf.cli;

import dev.sheaf.cli.build.AttachCommand;
import dev.sheaf.cli.build.BuildCommand;
import dev.sheaf.cli.build.StitchCommand;
import dev.sheaf.cli.check.CheckCommand;
import dev.sheaf.cli.check.PlanCommand;
import dev.sheaf.cli.farm.AgentsCommand;
import dev.sheaf.cli.farm.BuildsCommand;
import dev.sheaf.cli.farm.CancelCommand;
import dev.sheaf.cli.farm.LoginCommand;
import dev.sheaf.cli.farm.LogoutCommand;
import dev.sheaf.cli.farm.ShowCommand;
import dev.sheaf.cli.farm.UsersCommand;
import dev.sheaf.cli.image.create.CreateCommand;
import dev.sheaf.cli.image.inspect.InspectCommand;
import dev.sheaf.cli.image.verify.VerifyCommand;
import dev.sheaf.cli.output.FailureText;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.image.registry.Registries;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** Runs one command line. Whatever goes wrong ends in one line that starts with "ERROR: ", and an exit code. */
final class CommandRunner {
    /** The command without a subcommand. */
    @Command(
            name = "sheaf",
            header = "Builds multi-architecture container images on native machines.",
            mixinStandardHelpOptions = true,
            synopsisSubcommandLabel = "COMMAND",
            footer = {
                "",
                "Examples:",
                "  sheaf login farm.example.com:7420",
                "  sheaf check",
                "  sheaf build --platform linux/amd64,linux/arm64 -t registry.example.com/app:1 --push .",
                "  sheaf agents",
                "  sheaf show --logs 3f2a"
            })
    private static final class Root implements Runnable {
        @Spec
        private @Nullable CommandSpec spec;

        @Override
        public void run() {
            if (spec != null) {
                throw new ParameterException(spec.commandLine(), "say what to do, such as sheaf build or sheaf agents");
            }
        }
    }

    /** Answered without the parser, whose classes are too old for the JVM's start cache: most of the time this takes. */
    private static final Set<List<String>> VERSION = Set.of(List.of("--version"), List.of("-V"));

    /** While these are parsed, another processor can get ready for their first request to a registry. */
    private static final Set<String> ASK_REGISTRIES = Set.of("build", "plan", "inspect", "create", "verify");

    private final Shell shell;

    CommandRunner(Shell shell) {
        this.shell = shell;
    }

    /** Returns the exit code. */
    int run(List<String> arguments) {
        PrintStream err = shell.streams().err();
        try {
            if (VERSION.contains(arguments)) {
                shell.streams().out().println(version());
                return ExitCode.OK.number();
            }
            if (!arguments.isEmpty() && ASK_REGISTRIES.contains(arguments.getFirst())) {
                startLoading();
            }
            return commandLine(arguments).execute(normalised(arguments).toArray(new String[0]));
        } catch (CliException e) {
            FailureText.error(e.line(), err);
            return e.exit().number();
        } finally {
            shell.streams().out().flush();
            err.flush();
        }
    }

    private static void startLoading() {
        Thread.ofPlatform()
                .name("head-start")
                .daemon()
                // Whatever goes wrong goes wrong again where it is needed, and is said there.
                .uncaughtExceptionHandler((_, _) -> {})
                .start(Registries::load);
    }

    private static List<String> normalised(List<String> arguments) throws CliException {
        if (arguments.isEmpty()) {
            return arguments;
        }
        return switch (arguments.getFirst()) {
            case "build" -> {
                List<String> normal = new ArrayList<>(List.of("build"));
                normal.addAll(BuildCommand.arguments(arguments.subList(1, arguments.size())));
                yield normal;
            }
            case "attach", "stitch" -> AttachCommand.arguments(arguments);
            default -> arguments;
        };
    }

    private static String version() {
        String version = CommandRunner.class.getPackage().getImplementationVersion();
        return "sheaf " + (version == null ? "(not packaged)" : version);
    }

    /** With the command that is called, or, for help and for errors, with all: each costs a few ms of reflection. */
    private CommandLine commandLine(List<String> arguments) {
        Map<String, Supplier<Object>> commands = commands();
        String called = arguments.isEmpty() ? "" : arguments.getFirst();
        CommandLine line = new CommandLine(new Root());
        if (commands.containsKey(called)) {
            line.addSubcommand(called, commands.get(called).get());
        } else {
            commands.forEach((name, command) -> line.addSubcommand(name, command.get()));
            line.addSubcommand(new HelpCommand());
        }
        line.getCommandSpec().version(version());
        line.setExpandAtFiles(false);
        line.setOverwrittenOptionsAllowed(true);
        line.setUsageHelpWidth(110);
        line.setOut(new PrintWriter(shell.streams().out(), true, StandardCharsets.UTF_8));
        line.setErr(new PrintWriter(shell.streams().err(), true, StandardCharsets.UTF_8));
        line.setParameterExceptionHandler((e, _) -> usageError(e));
        line.setExecutionExceptionHandler((e, _, _) -> failure(e));
        return line;
    }

    private Map<String, Supplier<Object>> commands() {
        Map<String, Supplier<Object>> commands = new LinkedHashMap<>();
        commands.put("build", () -> new BuildCommand(shell));
        commands.put("plan", () -> new PlanCommand(shell));
        commands.put("check", () -> new CheckCommand(shell));
        commands.put("attach", () -> new AttachCommand(shell));
        commands.put("stitch", () -> new StitchCommand(shell));
        commands.put("builds", () -> new BuildsCommand(shell));
        commands.put("show", () -> new ShowCommand(shell));
        commands.put("cancel", () -> new CancelCommand(shell));
        commands.put("agents", () -> AgentsCommand.line(shell));
        commands.put("users", () -> new UsersCommand(shell));
        commands.put("login", () -> new LoginCommand(shell));
        commands.put("logout", () -> new LogoutCommand(shell));
        commands.put("inspect", () -> new InspectCommand(shell));
        commands.put("create", () -> new CreateCommand(shell));
        commands.put("verify", () -> new VerifyCommand(shell));
        return commands;
    }

    private int usageError(ParameterException e) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        FailureText.error(
                TerminalText.plain(said(e)) + "; see \"" + command + " --help\"",
                shell.streams().err());
        return ExitCode.USER.number();
    }

    private static String said(ParameterException e) {
        String said = String.valueOf(e.getMessage()).lines().findFirst().orElse("");
        if (!(e instanceof UnmatchedArgumentException unmatched) || unmatched.isUnknownOption()) {
            return said;
        }
        CommandSpec command = e.getCommandLine().getCommandSpec();
        String argument = "\"" + unmatched.getUnmatched().getFirst() + "\"";
        return command.subcommands().isEmpty()
                ? argument + " is one argument too many for " + command.qualifiedName()
                : argument + " is no command of " + command.name() + "; it has "
                        + String.join(", ", command.subcommands().keySet());
    }

    private int failure(Exception failure) {
        PrintStream err = shell.streams().err();
        return switch (failure) {
            case CliException e -> {
                FailureText.error(e.line(), err);
                yield e.exit().number();
            }
            case InterruptedException _ -> {
                FailureText.error("cancelled", err);
                yield ExitCode.CANCELLED.number();
            }
            default -> {
                String said =
                        TerminalText.plain(String.valueOf(failure.getMessage()).replace('\n', ' '));
                FailureText.error(
                        "sheaf itself failed, which is a bug: "
                                + failure.getClass().getSimpleName() + ": " + said,
                        err);
                yield ExitCode.UNAVAILABLE.number();
            }
        };
    }
}
