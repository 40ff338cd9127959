package dev.sheaf.agent.slice.smoke;

import com.google.protobuf.ByteString;
import dev.sheaf.agent.engine.Engine;
import dev.sheaf.agent.engine.SolveFailure;
import dev.sheaf.agent.engine.SolveListener;
import dev.sheaf.agent.engine.SolveRequest;
import dev.sheaf.agent.engine.session.ContextFiles;
import dev.sheaf.image.Digest;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.Failure;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.Smoke;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;

/**
 * Runs a command in the image that was just pushed, before the farm hears of it: natively, on the engine that built it,
 * without network, and not from the engine's cache. A command that fails is the user's failure.
 */
public final class SmokeTest {
    private static final Duration USUAL_TIMEOUT = Duration.ofSeconds(60);

    private static final String NOT_STARTED = "unable to start container process: ";

    private final Engine engine;
    private final String agent;
    private final ScheduledExecutorService timer;

    /** Runs on this engine; failures name this agent. */
    public SmokeTest(Engine engine, String agent, ScheduledExecutorService timer) {
        this.engine = engine;
        this.agent = agent;
        this.timer = timer;
    }

    /**
     * Does nothing if the build asks for no smoke test, or pushes nothing.
     *
     * @param built the request of the slice
     * @param digest what was pushed
     * @throws SolveFailure the command failed or took too long, or could not be run
     */
    public void run(SolveRequest built, String digest, SolveListener listener)
            throws SolveFailure, InterruptedException {
        if (!built.spec().hasSmoke() || built.repositories().isEmpty()) {
            return;
        }
        Smoke smoke = built.spec().getSmoke();
        String command = words(smoke.getCommandList());
        SmokeAlarm alarm = new SmokeAlarm(timer, timeout(smoke), Thread.currentThread());
        SmokeOutput output = new SmokeOutput("[smoke test] " + command, listener, alarm::start);
        SolveRequest request = request(built, digest, smoke);
        try {
            engine.solve(request, output);
            if (alarm.stop()) {
                throw late(command, output, alarm.limit(), request);
            }
        } catch (InterruptedException e) {
            if (alarm.stop()) {
                throw late(command, output, alarm.limit(), request);
            }
            throw e;
        } catch (SolveFailure e) {
            throw alarm.stop() ? late(command, output, alarm.limit(), request) : failed(command, output, e, request);
        } finally {
            alarm.stop();
        }
    }

    private static SolveRequest request(SolveRequest built, String digest, Smoke smoke) {
        ByteString step = SmokeStep.dockerfile(built.repositories().getFirst() + "@" + digest, smoke.getCommandList());
        String identity = Digest.of(step.toByteArray()).hex();
        // An engine takes a Dockerfile of the same context, size and time for the one that it has.
        BuildSpec spec = BuildSpec.newBuilder()
                .setContextKey("smoke-" + identity)
                .setNoCache(true)
                .build();
        return new SolveRequest(
                "",
                built.platform(),
                spec,
                List.of(),
                built.credentials(),
                List.of(),
                ContextFiles.onlyDockerfile(step),
                true);
    }

    private static Duration timeout(Smoke smoke) {
        return smoke.hasTimeout()
                ? Duration.ofSeconds(
                        smoke.getTimeout().getSeconds(), smoke.getTimeout().getNanos())
                : USUAL_TIMEOUT;
    }

    private SolveFailure late(String command, SmokeOutput output, Duration limit, SolveRequest request) {
        return failure(
                "\"" + command + "\" still ran after " + seconds(limit) + " s and was stopped; make it faster, or raise"
                        + " --smoke-timeout",
                output.lastLines(),
                request,
                0);
    }

    private static String seconds(Duration limit) {
        return limit.toMillis() % 1000 == 0
                ? Long.toString(limit.toSeconds())
                : String.format(Locale.ROOT, "%.1f", limit.toMillis() / 1000.0);
    }

    private SolveFailure failed(String command, SmokeOutput output, SolveFailure e, SolveRequest request) {
        Failure found = e.failure();
        String said = found.getMessage();
        Optional<String> refusal = output.refusal().or(() -> refusal(said));
        if (refusal.isPresent()) {
            return failure(
                    "\"" + command + "\" could not be started: " + refusal.get() + "; name a program of the image for "
                            + platform(request) + ", with its path unless it is in the image's PATH; there is no shell"
                            + " around it",
                    "",
                    request,
                    0);
        }
        if (found.getExitCode() != 0 && output.hasStarted()) {
            String killed = found.getExitCode() == 137 ? " (killed, most often for want of memory)" : "";
            return failure(
                    "\"" + command + "\" ended with exit code " + found.getExitCode() + killed,
                    output.lastLines(),
                    request,
                    found.getExitCode());
        }
        // What was pushed a moment ago can be pulled: if it cannot, that is not the user's doing.
        FailureClass kind = found.getKind() == FailureClass.FAILURE_CLASS_USER
                ? FailureClass.FAILURE_CLASS_INFRASTRUCTURE
                : found.getKind();
        return new SolveFailure(found.toBuilder()
                .setKind(kind)
                .clearSource()
                .setMessage("the smoke test could not be run: " + said)
                .build());
    }

    /** The same in the engine's own error. */
    private static Optional<String> refusal(String said) {
        int at = said.lastIndexOf(NOT_STARTED);
        return at < 0 ? Optional.empty() : Optional.of(said.substring(at + NOT_STARTED.length()));
    }

    private SolveFailure failure(String what, String lines, SolveRequest request, int exitCode) {
        return new SolveFailure(Failure.newBuilder()
                .setKind(FailureClass.FAILURE_CLASS_USER)
                .setMessage("the smoke test failed on agent " + agent + ": " + what
                        + (lines.isEmpty() ? "" : "; its last output: " + lines) + "; no tag was moved")
                .setPlatform(platform(request))
                .setExitCode(exitCode)
                .build());
    }

    private static String platform(SolveRequest request) {
        String name = request.platform().getOs() + "/" + request.platform().getArchitecture();
        String variant = request.platform().getVariant();
        return variant.isEmpty() ? name : name + "/" + variant;
    }

    /** As somebody would write it in a shell. */
    private static String words(List<String> command) {
        return command.stream()
                .map(word -> word.replaceAll("\\p{Cntrl}", " "))
                .map(word -> word.matches("[A-Za-z0-9_@%+=:,./-]+") ? word : "'" + word.replace("'", "'\\''") + "'")
                .collect(Collectors.joining(" "));
    }
}
