package dev.sheaf.coordinator.rpc;

import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.dispatch.Dispatcher;
import dev.sheaf.coordinator.log.BuildLog;
import dev.sheaf.coordinator.log.BuildLogs;
import dev.sheaf.coordinator.rpc.wire.AgentWire;
import dev.sheaf.coordinator.rpc.wire.Durations;
import dev.sheaf.v1.AgentServiceGrpc;
import dev.sheaf.v1.ReportRequest;
import dev.sheaf.v1.ReportResponse;
import dev.sheaf.v1.SynchronizeRequest;
import dev.sheaf.v1.SynchronizeResponse;
import io.grpc.Context;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** What agents ask of the farm. */
public final class AgentEndpoint extends AgentServiceGrpc.AgentServiceImplBase {
    /** The longest that a call may wait for news. */
    private static final Duration MAX_WAIT = Duration.ofSeconds(30);

    private final Dispatcher dispatcher;
    private final BuildLogs logs;

    /** Progress goes into these logs. */
    public AgentEndpoint(Dispatcher dispatcher, BuildLogs logs) {
        this.dispatcher = dispatcher;
        this.logs = logs;
    }

    @Override
    public void synchronize(SynchronizeRequest request, StreamObserver<SynchronizeResponse> observer) {
        Context context = Context.current();
        Thread caller = Thread.currentThread();
        // An agent that hung up waits for nothing: its call leaves the dispatcher at once.
        Context.CancellationListener hungUp = _ -> caller.interrupt();
        context.addListener(hungUp, Runnable::run);
        Statuses.answer(observer, () -> {
            try {
                Duration asked = Durations.read("max_wait", request.getMaxWait());
                Duration wait = asked.compareTo(MAX_WAIT) > 0 ? MAX_WAIT : asked;
                SyncCall call = AgentWire.read(request);
                Connections.uponEnd(() -> dispatcher.hungUp(call));
                SyncAnswer answer = dispatcher.synchronize(call, wait);
                return AgentWire.write(answer, dispatcher::attachments);
            } finally {
                context.removeListener(hungUp);
            }
        });
    }

    @Override
    public StreamObserver<ReportRequest> report(StreamObserver<ReportResponse> observer) {
        return new Report(new Outbound<>(observer));
    }

    /** One attempt's progress. */
    private final class Report implements StreamObserver<ReportRequest> {
        private final Outbound<ReportResponse> outbound;
        private @Nullable LeaseId lease;
        private @Nullable BuildLog log;

        Report(Outbound<ReportResponse> outbound) {
            this.outbound = outbound;
        }

        @Override
        public void onNext(ReportRequest request) {
            if (outbound.isOver()) {
                return;
            }
            try {
                append(request);
            } catch (IOException | StatusException | InterruptedException | RuntimeException e) {
                outbound.end(Statuses.of(e));
            }
        }

        private void append(ReportRequest request) throws IOException, StatusException, InterruptedException {
            LeaseId named = lease;
            BuildLog into = log;
            if (named == null || into == null) {
                named = AgentWire.lease(request.getLease());
                if (!dispatcher.isLive(named)) {
                    throw Statuses.leaseIsNotLive(named.slice());
                }
                into = logs.log(named.build().value());
                lease = named;
                log = into;
                acknowledge(into.received(named.fence()));
            }
            if (!dispatcher.isLive(named)) {
                throw Statuses.leaseIsNotLive(named.slice());
            }
            if (request.hasProgress()) {
                String platform = named.slice().platform().toString();
                acknowledge(into.append(platform, named.fence(), request.getNumber(), request.getProgress()));
            }
        }

        private void acknowledge(long received) throws InterruptedException {
            outbound.send(ReportResponse.newBuilder().setReceived(received).build());
        }

        @Override
        public void onError(Throwable failure) {
            // The agent is gone; its lease ends by itself.
        }

        @Override
        public void onCompleted() {
            outbound.complete();
        }
    }
}
