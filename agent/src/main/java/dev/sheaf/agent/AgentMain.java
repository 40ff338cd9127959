package dev.sheaf.agent;

import dev.sheaf.agent.doctor.Check;
import dev.sheaf.agent.doctor.DiskSpace;
import dev.sheaf.agent.doctor.Doctor;
import dev.sheaf.agent.engine.Engine;
import dev.sheaf.agent.engine.EngineReport;
import dev.sheaf.agent.engine.Engines;
import dev.sheaf.agent.host.HostProof;
import dev.sheaf.agent.host.HostReader;
import dev.sheaf.agent.identity.AgentState;
import dev.sheaf.agent.identity.FarmIdentity;
import dev.sheaf.agent.offer.Terms;
import dev.sheaf.agent.session.Incarnation;
import dev.sheaf.agent.session.Session;
import dev.sheaf.endpoint.route.FarmChannel;
import dev.sheaf.endpoint.route.FarmRoute;
import dev.sheaf.endpoint.tls.TlsFailure;
import dev.sheaf.endpoint.tls.TlsProbe;
import dev.sheaf.image.Platform;
import dev.sheaf.signal.Signals;
import dev.sheaf.v1.IdentityServiceGrpc;
import dev.sheaf.v1.WhoAmIRequest;
import dev.sheaf.v1.WhoAmIResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The agent's command line and composition root. */
@Command(
        name = "sheaf-agent",
        mixinStandardHelpOptions = true,
        versionProvider = AgentMain.Version.class,
        description = "Builds slices of the farm's builds on this machine, natively.",
        footer = {
            "",
            "Examples:",
            "  sheaf-agent join farm.example.com:7420 TOKEN       become an agent of that farm",
            "  sheaf-agent                                        offer all that this machine proves",
            "  sheaf-agent --name arm-1 --slots 2                 under a name, two slices at a time",
            "  sheaf-agent --engine unix:///run/buildkit/buildkitd.sock",
            "  sheaf-agent --buildkit-image moby/buildkit:v0.31.2    run this BuildKit in Docker, and build with it",
            "  sheaf-agent --platform linux/386                   offer only this",
            "  sheaf-agent doctor                                 say what works here, and how to repair the rest",
            "",
            "Exit code 77: the farm refuses this agent, which is revoked or unknown there.",
            "The agent calls the coordinator; nothing calls the agent. SIGTERM or SIGINT lets running slices finish for",
            "--drain-time; a second one hands them back at once."
        })
public final class AgentMain implements Callable<Integer> {
    private static final int REFUSED = 1;
    private static final Duration TLS_PATIENCE = Duration.ofSeconds(1);

    @Spec
    private @Nullable CommandSpec spec;

    @Option(
            names = "--coordinator",
            paramLabel = "HOST:PORT[,...]",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:SHEAF_COORDINATOR:-}",
            description = "The coordinator, or several of which one leads: the one that answers is followed"
                    + " (environment SHEAF_COORDINATOR; default: the farm that this host joined, else"
                    + " 127.0.0.1:7420).")
    private String coordinator = "";

    @Option(
            names = "--name",
            paramLabel = "NAME",
            scope = ScopeType.INHERIT,
            description =
                    "Name of this agent, unique in the farm (default: the one that it joined under, else the host's"
                            + " name).")
    private String name = "";

    @Option(
            names = "--state",
            paramLabel = "DIR",
            scope = ScopeType.INHERIT,
            defaultValue = "${env:SHEAF_AGENT_STATE:-${sys:user.home}/.local/share/sheaf/agent}",
            description = "Where the identity in the farm is kept (environment SHEAF_AGENT_STATE; default"
                    + " ~/.local/share/sheaf/agent).")
    private Path state = Path.of("sheaf-agent");

    @Mixin
    private EngineFlags engine = new EngineFlags();

    @Option(
            names = "--slots",
            paramLabel = "N",
            scope = ScopeType.INHERIT,
            defaultValue = "1",
            description = "Slices to build at a time (default ${DEFAULT-VALUE}).")
    private int slots;

    @Option(
            names = "--platform",
            paramLabel = "P",
            scope = ScopeType.INHERIT,
            split = ",",
            description = "Offer only this platform, which must be proved; repeatable.")
    private List<String> platforms = new ArrayList<>();

    @Option(
            names = "--allow-emulation",
            paramLabel = "P",
            scope = ScopeType.INHERIT,
            split = ",",
            description = "Offer this platform although an emulator runs it; everything will show that; repeatable.")
    private List<String> emulated = new ArrayList<>();

    @Option(
            names = "--time-limit",
            paramLabel = "MINUTES",
            scope = ScopeType.INHERIT,
            defaultValue = "120",
            description = "Stop a slice that takes longer (default ${DEFAULT-VALUE}).")
    private long timeLimit;

    @Option(
            names = "--drain-time",
            paramLabel = "SECONDS",
            scope = ScopeType.INHERIT,
            defaultValue = "30",
            description = "On SIGTERM, let running slices finish for this long, then hand them back (default"
                    + " ${DEFAULT-VALUE}).")
    private long drainTime;

    @Mixin
    private PatienceFlag patience = new PatienceFlag();

    /** Starts the agent. */
    public static void main(String[] args) {
        System.exit(commandLine(new AgentMain()).execute(args));
    }

    static CommandLine commandLine(AgentMain main) {
        CommandLine line = new CommandLine(main).setExpandAtFiles(false).setUsageHelpWidth(110);
        line.setExecutionExceptionHandler((exception, command, _) -> refuse(command, exception, ""));
        line.setParameterExceptionHandler(
                (exception, _) -> refuse(exception.getCommandLine(), exception, "; see sheaf-agent --help"));
        return line;
    }

    @Override
    public Integer call() throws InterruptedException {
        return run();
    }

    @Command(
            name = "run",
            mixinStandardHelpOptions = true,
            description = "Offer this machine to the farm and build (the default).")
    int run() throws InterruptedException {
        Optional<FarmIdentity> joined = new AgentState(state).load();
        FarmRoute route = CoordinatorChannel.route(coordinator, joined);
        Terms terms = terms(joined.filter(_ -> route.isSecure()));
        HostReader host = new HostReader();
        terms.requireProved(host.read());
        try (FarmLink link = link(route, joined);
                Engine opened = engine.open(state.resolve("buildkit"), patience.engine(), owner(terms.name()))) {
            AgentProgram program = new AgentProgram(
                    link.channels(),
                    opened,
                    new AgentProgram.Settings(
                            terms,
                            patience.timing(),
                            positive("--time-limit", Duration.ofMinutes(timeLimit)),
                            positive("--drain-time", Duration.ofSeconds(drainTime)),
                            new Incarnation(UUID.randomUUID().toString(), System.currentTimeMillis())),
                    System::nanoTime,
                    java.util.random.RandomGenerator.getDefault());
            return program.run(host::read, Signals::eachStop);
        }
    }

    @Command(
            name = "join",
            mixinStandardHelpOptions = true,
            description = "Make this host an agent of a farm, with a token from \"sheaf agents invite\".",
            footer = {
                "",
                "Examples:",
                "  sheaf-agent join farm.example.com:7420 sheafjoin1.0123456789abcdef.SECRET.PIN",
                "  sheaf-agent join farm.example.com:7420 - <token-file"
            })
    int join(
            @Parameters(paramLabel = "HOST:PORT[,...]", description = "The farm's coordinator, or several.")
                    String farm,
            @Parameters(paramLabel = "TOKEN", description = "The token; - reads it from standard input.") String token)
            throws IOException {
        String wanted = name.isEmpty() ? hostName() : name;
        return JoinCommand.run(
                new JoinCommand.Wish(farm, token, wanted, state, patience.enrolment()),
                System.in,
                new SecureRandom(),
                command().commandLine().getOut());
    }

    private FarmLink link(FarmRoute route, Optional<FarmIdentity> joined) throws InterruptedException {
        if (!route.isSecure() || joined.isEmpty()) {
            FarmLink link = FarmLink.plaintext(route);
            if (!answers(link) && TlsProbe.speaksTls(route.first(), TLS_PATIENCE)) {
                link.close();
                throw new IllegalArgumentException(
                        TlsProbe.sentence(route.first().toString()));
            }
            return link;
        }
        try {
            return FarmLink.secure(
                    route,
                    joined.get(),
                    patience.enrolment(),
                    new AgentState(state),
                    InstantSource.system(),
                    Thread::sleep);
        } catch (StatusRuntimeException e) {
            throw new IllegalArgumentException(Session.why(e.getStatus()), e);
        }
    }

    /** A server that speaks TLS ends a connection in clear text without a word. */
    private boolean answers(FarmLink link) {
        try {
            var _ = whoAmI(link);
            return true;
        } catch (StatusRuntimeException e) {
            return e.getStatus().getCode() != Status.Code.UNAVAILABLE;
        }
    }

    private WhoAmIResponse whoAmI(FarmLink link) {
        return IdentityServiceGrpc.newBlockingStub(link.control())
                .withDeadlineAfter(patience.timing().answer().toMillis(), TimeUnit.MILLISECONDS)
                .whoAmI(WhoAmIRequest.getDefaultInstance());
    }

    @Command(
            name = "doctor",
            mixinStandardHelpOptions = true,
            description = {
                "Check this machine, the engine and the coordinator, and say how to repair what fails.",
                "Exit code 0: nothing fails; 1: something does. A warning is no failure."
            })
    int doctor() throws InterruptedException {
        Optional<FarmIdentity> joined = new AgentState(state).load();
        FarmRoute route = CoordinatorChannel.route(coordinator, joined);
        Terms terms = terms(joined.filter(_ -> route.isSecure()));
        HostProof proof = new HostReader().read();
        EngineReport report;
        // Under a name of its own: what the running agent has on the engine stays.
        try (Engine opened =
                engine.openOnce(state.resolve("doctor"), patience.engine(), owner(terms.name() + "-doctor"))) {
            report = opened.probe();
        }
        List<Check> checks = Doctor.examine(
                terms,
                new Doctor.Findings(proof, report, DiskSpace.of(report.facts().data()), askCoordinator(route, joined)));
        checks.forEach(command().commandLine().getOut()::println);
        return checks.stream().anyMatch(Check::failed) ? REFUSED : 0;
    }

    private Doctor.Coordinator askCoordinator(FarmRoute route, Optional<FarmIdentity> joined)
            throws InterruptedException {
        String problem = "";
        try (FarmLink link = link(route, joined)) {
            FarmChannel channel = link.control();
            // Each of them, and the leader that a standby names.
            for (int tries = 0; tries <= route.size(); tries++) {
                try {
                    var _ = whoAmI(link);
                    return new Doctor.Coordinator(channel.authority(), "");
                } catch (StatusRuntimeException e) {
                    problem = TlsFailure.explain(e.getStatus(), channel.authority())
                            .orElse(Session.why(e.getStatus()));
                }
            }
        } catch (IllegalArgumentException e) {
            problem = String.valueOf(e.getMessage()); // no certificate
        }
        return new Doctor.Coordinator(route.toString(), problem);
    }

    private Terms terms(Optional<FarmIdentity> identity) {
        String joined = identity.map(FarmIdentity::name).orElse("");
        if (!joined.isEmpty() && !name.isEmpty() && !joined.equals(name)) {
            throw new IllegalArgumentException("--name " + name + " is refused: this host joined the farm as \""
                    + joined + "\"; leave --name out, or join again under that name");
        }
        String own = name.isEmpty() ? joined : name;
        return new Terms(
                own.isEmpty() ? hostName() : own,
                slots,
                platforms.stream().map(Platform::parse).toList(),
                emulated.stream().map(Platform::parse).toList(),
                Version.text());
    }

    private static Engines.Owner owner(String name) {
        return new Engines.Owner(name, UUID::randomUUID, InstantSource.system());
    }

    private static Duration positive(String option, Duration value) {
        if (value.isNegative() || value.isZero()) {
            throw new IllegalArgumentException(option + " must be greater than 0");
        }
        return value;
    }

    private static String hostName() {
        try {
            return InetAddress.getLocalHost().getHostName();
        } catch (UnknownHostException e) {
            return kernelName();
        }
    }

    /** Many a cloud's host has a name that nobody can look up, itself included. */
    private static String kernelName() {
        try {
            return Files.readString(Path.of("/proc/sys/kernel/hostname")).strip();
        } catch (IOException e) {
            throw new IllegalArgumentException("this machine's name cannot be found out; say --name", e);
        }
    }

    private static int refuse(CommandLine command, Exception exception, String hint) {
        String line = String.valueOf(exception.getMessage()).lines().findFirst().orElse("failed");
        command.getErr().println("sheaf-agent: " + line + hint);
        return REFUSED;
    }

    private CommandSpec command() {
        if (spec == null) {
            throw new IllegalStateException("started without a command line");
        }
        return spec;
    }

    /** Says the program's version, which the build writes into the jar. */
    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"sheaf-agent " + text()};
        }

        static String text() {
            return Optional.ofNullable(AgentMain.class.getPackage().getImplementationVersion())
                    .orElse("unpackaged");
        }
    }
}
