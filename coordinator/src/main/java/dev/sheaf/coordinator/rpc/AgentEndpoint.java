package dev.sheaf.coordinator.rpc;

import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.dispatch.AgentControl;
import dev.sheaf.coordinator.dispatch.Dispatcher;
import dev.sheaf.coordinator.identity.Caller;
import dev.sheaf.coordinator.identity.DeniedException;
import dev.sheaf.coordinator.log.BuildLog;
import dev.sheaf.coordinator.log.BuildLogs;
import dev.sheaf.coordinator.rpc.caller.Connections;
import dev.sheaf.coordinator.rpc.caller.Peer;
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
import java.util.List;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/** What agents ask of the farm. */
public final class AgentEndpoint extends AgentServiceGrpc.AgentServiceImplBase {
    /** The longest that a call may wait for news. */
    private static final Duration MAX_WAIT = Duration.ofSeconds(30);

    private final Dispatcher dispatcher;
    private final AgentControl control;
    private final BuildLogs logs;

    /** Progress goes into these logs. */
    public AgentEndpoint(Dispatcher dispatcher, AgentControl control, BuildLogs logs) {
        this.dispatcher = dispatcher;
        this.control = control;
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
                SyncCall call = call(request, Peer.current());
                Connections.uponEnd(() -> dispatcher.hungUp(call));
                SyncAnswer answer = dispatcher.synchronize(call, wait);
                return AgentWire.write(answer, dispatcher::attachments).toBuilder()
                        .setDrained(control.isHeldBack(call.agent()))
                        .setWithheld(call.description().particulars().withheld())
                        .build();
            } finally {
                context.removeListener(hungUp);
            }
        });
    }

    /** What the agent says, as far as it is its to say. */
    private static SyncCall call(SynchronizeRequest request, Peer peer) throws DeniedException {
        if (!(peer.caller() instanceof Caller.Agent agent)) {
            return AgentWire.read(request, peer.address(), List.of()); // on this machine, under any name
        }
        String name = request.getDescription().getName();
        if (!name.equals(agent.name())) {
            throw new DeniedException(
                    DeniedException.Kind.FORBIDDEN,
                    "the certificate is agent \"" + agent.name() + "\"'s, and the call says another name");
        }
        return AgentWire.read(request, peer.address(), agent.platforms());
    }

    @Override
    public StreamObserver<ReportRequest> report(StreamObserver<ReportResponse> observer) {
        return new Report(new Outbound<>(observer), holder(dispatcher, control));
    }

    /** Whether the calling agent holds a lease; on this machine, whether anybody does. */
    static Predicate<LeaseId> holder(Dispatcher dispatcher, AgentControl control) {
        return Peer.current()
                .agent()
                .map(AgentId::new)
                .<Predicate<LeaseId>>map(agent -> lease -> control.holds(agent, lease))
                .orElse(dispatcher::isLive);
    }

    /** One attempt's progress. */
    private final class Report implements StreamObserver<ReportRequest> {
        private final Outbound<ReportResponse> outbound;
        private final Predicate<LeaseId> isLive;
        private @Nullable LeaseId lease;
        private @Nullable BuildLog log;

        Report(Outbound<ReportResponse> outbound, Predicate<LeaseId> isLive) {
            this.outbound = outbound;
            this.isLive = isLive;
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
                if (!isLive.test(named)) {
                    throw Statuses.leaseIsNotLive(named.slice());
                }
                into = logs.log(named.build().value());
                lease = named;
                log = into;
                acknowledge(into.received(named.fence()));
            }
            if (!isLive.test(named)) {
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
