package dev.sheaf.agent.engine;

import com.google.common.util.concurrent.ListenableFuture;
import dev.sheaf.agent.engine.failure.Failures;
import dev.sheaf.agent.engine.progress.ProgressWire;
import dev.sheaf.agent.engine.session.BuildSession;
import dev.sheaf.agent.engine.session.ContextUnavailableException;
import dev.sheaf.agent.engine.session.SessionContents;
import dev.sheaf.buildkit.control.ControlGrpc;
import dev.sheaf.buildkit.control.SolveResponse;
import dev.sheaf.buildkit.control.StatusRequest;
import dev.sheaf.buildkit.control.StatusResponse;
import io.grpc.Channel;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.time.Duration;
import java.util.Iterator;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One build on one engine, from its session to its last report. */
final class SolveCall {

    private static final Logger log = LoggerFactory.getLogger(SolveCall.class);

    /** How long reports may trail behind the result of a build. */
    private static final Duration LAST_REPORTS = Duration.ofSeconds(5);

    /** The same, if no report came at all: then the build never became one, and none will come. */
    private static final Duration FIRST_REPORT = Duration.ofMillis(500);

    private final Channel channel;
    private final String reference;
    private final SolveRequest request;
    private final SolveListener listener;
    private final String platform;
    private final CountDownLatch reportsEnded = new CountDownLatch(1);
    private volatile boolean reported;

    SolveCall(Channel channel, String reference, SolveRequest request, SolveListener listener) {
        this.channel = channel;
        this.reference = reference;
        this.request = request;
        this.listener = listener;
        this.platform = SolveMessages.name(request.platform());
    }

    SolveResult run(dev.sheaf.buildkit.control.SolveRequest message) throws SolveFailure, InterruptedException {
        SessionContents contents = new SessionContents(
                reference, request.spec().getContextKey(), request.files(), request.credentials(), request.secrets());
        Context.CancellableContext context = Context.ROOT.withCancellation();
        Context before = context.attach();
        try (BuildSession session = BuildSession.open(channel, contents)) {
            ListenableFuture<SolveResponse> solve =
                    ControlGrpc.newFutureStub(channel).solve(message);
            Thread.ofVirtual().name("reports-" + reference).start(context.wrap(this::follow));
            return await(solve, session);
        } catch (IOException e) {
            throw new SolveFailure(Failures.infrastructure("no session with the engine: " + e.getMessage(), platform));
        } finally {
            context.detach(before);
            context.cancel(null);
        }
    }

    private SolveResult await(ListenableFuture<SolveResponse> solve, BuildSession session)
            throws SolveFailure, InterruptedException {
        try {
            SolveResponse response = solve.get();
            awaitReports(LAST_REPORTS);
            return result(response);
        } catch (InterruptedException e) {
            // The engine kills the running step; its last report says when that is done.
            solve.cancel(true);
            awaitReports(reported ? LAST_REPORTS : FIRST_REPORT);
            throw e;
        } catch (ExecutionException e) {
            awaitReports(reported ? LAST_REPORTS : FIRST_REPORT);
            throw failure(e.getCause(), session);
        }
    }

    private SolveResult result(SolveResponse response) throws SolveFailure {
        String digest = response.getExporterResponseMap().get("containerimage.digest");
        if (digest == null || digest.isEmpty()) {
            throw new SolveFailure(Failures.infrastructure(
                    "the engine built but named no digest: it must be able to push by digest", platform));
        }
        return new SolveResult(digest);
    }

    private SolveFailure failure(@Nullable Throwable cause, BuildSession session) {
        IOException file = session.fileFailure();
        return switch (file) {
            case ContextUnavailableException known ->
                new SolveFailure(Failures.infrastructure(String.valueOf(known.getMessage()), platform).toBuilder()
                        .setKind(known.kind())
                        .build());
            case IOException other ->
                new SolveFailure(Failures.infrastructure(
                        "the files of the build cannot be read: " + other.getMessage(), platform));
            case null -> {
                Status status = cause == null ? Status.UNKNOWN : Status.fromThrowable(cause);
                Metadata trailers = cause instanceof StatusRuntimeException call ? call.getTrailers() : null;
                yield new SolveFailure(
                        Failures.of(status, trailers == null ? new Metadata() : trailers, platform, request.logins()));
            }
        };
    }

    private void follow() {
        try {
            Iterator<StatusResponse> reports = ControlGrpc.newBlockingStub(channel)
                    .status(StatusRequest.newBuilder().setRef(reference).build());
            while (reports.hasNext()) {
                reported = true;
                ProgressWire.of(reports.next()).forEach(listener::progress);
            }
        } catch (StatusRuntimeException e) {
            // The result of the build says what went wrong.
            log.debug("reports of build {} ended: {}", reference, e.getStatus());
        } finally {
            reportsEnded.countDown();
        }
    }

    private void awaitReports(Duration patience) throws InterruptedException {
        if (!reportsEnded.await(patience.toMillis(), TimeUnit.MILLISECONDS)) {
            log.debug("build {} has ended before its reports", reference);
        }
    }
}
