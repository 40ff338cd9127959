package dev.sheaf.coordinator.rpc;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest.Submitter;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.dispatch.Dispatcher;
import dev.sheaf.coordinator.identity.Caller;
import dev.sheaf.coordinator.identity.IdentityStore;
import dev.sheaf.coordinator.log.BuildLog;
import dev.sheaf.coordinator.log.BuildLogs;
import dev.sheaf.coordinator.log.LogFollower;
import dev.sheaf.coordinator.rpc.caller.Peer;
import dev.sheaf.coordinator.rpc.wire.BuildWire;
import dev.sheaf.coordinator.rpc.wire.IdentityWire;
import dev.sheaf.coordinator.rpc.wire.SubmissionReader;
import dev.sheaf.v1.AttachRequest;
import dev.sheaf.v1.AttachResponse;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.BuildServiceGrpc;
import dev.sheaf.v1.CancelRequest;
import dev.sheaf.v1.CancelResponse;
import dev.sheaf.v1.GetRequest;
import dev.sheaf.v1.ListAgentsRequest;
import dev.sheaf.v1.ListAgentsResponse;
import dev.sheaf.v1.ListRequest;
import dev.sheaf.v1.ListResponse;
import dev.sheaf.v1.StitchRequest;
import dev.sheaf.v1.SubmitRequest;
import dev.sheaf.v1.SubmitResponse;
import dev.sheaf.v1.WatchRequest;
import io.grpc.StatusException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;

/** What the command line asks of the farm. */
public final class BuildEndpoint extends BuildServiceGrpc.BuildServiceImplBase {
    private static final int DEFAULT_LIST = 50;
    private static final int MAX_LIST = 1000;

    /** A watcher that is gone is noticed within this time. */
    private static final Duration RECHECK = Duration.ofSeconds(1);

    private final Dispatcher dispatcher;
    private final BuildLogs logs;
    private final IdentityStore identities;
    private final Executor streams;

    /** Watchers are served on threads of the executor, one each. */
    public BuildEndpoint(Dispatcher dispatcher, BuildLogs logs, IdentityStore identities, Executor streams) {
        this.dispatcher = dispatcher;
        this.logs = logs;
        this.identities = identities;
        this.streams = streams;
    }

    @Override
    public void submit(SubmitRequest request, StreamObserver<SubmitResponse> observer) {
        Optional<Submitter> submitter = submitter();
        Statuses.answer(observer, () -> {
            BuildId id = dispatcher.submit(SubmissionReader.read(request, submitter));
            return SubmitResponse.newBuilder().setBuildId(id.value()).build();
        });
    }

    @Override
    public void attach(AttachRequest request, StreamObserver<AttachResponse> observer) {
        Statuses.answer(observer, () -> {
            if (!dispatcher.attach(new BuildId(request.getBuildId()), SubmissionReader.read(request))) {
                throw Statuses.notFound("no open build " + shown(request.getBuildId()));
            }
            return AttachResponse.getDefaultInstance();
        });
    }

    @Override
    public void stitch(StitchRequest request, StreamObserver<SubmitResponse> observer) {
        Optional<Submitter> submitter = submitter();
        Statuses.answer(observer, () -> {
            BuildId of = find(request.getBuildId()).id();
            BuildId id = dispatcher.stitch(
                    SubmissionReader.readWish(request, of, submitter),
                    SubmissionReader.read(request.getCredentialsList()));
            return SubmitResponse.newBuilder().setBuildId(id.value()).build();
        });
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<BuildEvent> observer) {
        Outbound<BuildEvent> outbound = new Outbound<>(observer);
        try {
            streams.execute(() -> watch(request, outbound));
        } catch (RejectedExecutionException e) {
            outbound.end(Statuses.of(e));
        }
    }

    private void watch(WatchRequest request, Outbound<BuildEvent> outbound) {
        try {
            follow(log(request.getBuildId()), request.getFromSequence(), outbound);
            outbound.complete();
        } catch (IOException | InterruptedException | StatusException | RuntimeException e) {
            outbound.end(Statuses.of(e));
        }
    }

    @Override
    public void cancel(CancelRequest request, StreamObserver<CancelResponse> observer) {
        Statuses.answer(observer, () -> {
            BuildState state = dispatcher
                    .cancel(new BuildId(request.getBuildId()))
                    .orElseThrow(() ->
                            Statuses.notFound("no build " + shown(request.getBuildId()) + "; sheaf builds lists them"));
            return CancelResponse.newBuilder().setState(BuildWire.write(state)).build();
        });
    }

    @Override
    public void get(GetRequest request, StreamObserver<Build> observer) {
        Statuses.answer(observer, () -> BuildWire.write(find(request.getBuildId())));
    }

    @Override
    public void list(ListRequest request, StreamObserver<ListResponse> observer) {
        Statuses.answer(observer, () -> {
            int limit = request.getLimit() == 0 ? DEFAULT_LIST : request.getLimit();
            if (limit < 1 || limit > MAX_LIST) {
                throw new IllegalArgumentException("the limit is 1 to " + MAX_LIST + ", found " + limit);
            }
            List<Build> builds =
                    dispatcher.builds(limit).stream().map(BuildWire::write).toList();
            return ListResponse.newBuilder().addAllBuilds(builds).build();
        });
    }

    @Override
    public void listAgents(ListAgentsRequest request, StreamObserver<ListAgentsResponse> observer) {
        Statuses.answer(
                observer,
                () -> ListAgentsResponse.newBuilder()
                        .addAllAgents(
                                IdentityWire.agents(dispatcher.agents(), identities.agents(), identities.drained()))
                        .build());
    }

    private static Optional<Submitter> submitter() {
        return switch (Peer.current().caller()) {
            case Caller.User user -> Optional.of(new Submitter(user.name(), user.team()));
            case Caller.Local _, Caller.Agent _, Caller.Nobody _ -> Optional.empty();
        };
    }

    /** The log of a build; one that lost its last words, with the process that should have written them, gets them. */
    private BuildLog log(String id) throws IOException, InterruptedException, StatusException {
        BuildSnapshot build = dispatcher
                .build(new BuildId(id))
                .orElseThrow(() -> Statuses.notFound("no build " + shown(id) + "; sheaf builds lists them"));
        BuildLog log = logs.log(id);
        if (build.state().isTerminal() && !log.isEnded()) {
            log.end(BuildEvent.newBuilder().setBuild(BuildWire.write(build)));
        }
        return log;
    }

    private static void follow(BuildLog log, long from, Outbound<BuildEvent> outbound)
            throws IOException, InterruptedException {
        try (LogFollower follower = log.follow(from)) {
            while (!outbound.isOver()) {
                Optional<BuildEvent> event = follower.next(RECHECK);
                if (event.isPresent()) {
                    outbound.send(event.get());
                } else if (follower.isDone()) {
                    return;
                }
            }
        }
    }

    /** By its id, or by the start of one that only one build has. */
    private BuildSnapshot find(String text) throws StatusException, InterruptedException {
        Optional<BuildSnapshot> exact = dispatcher.build(new BuildId(text));
        if (exact.isPresent()) {
            return exact.get();
        }
        List<BuildSnapshot> matches = dispatcher.builds(MAX_LIST).stream()
                .filter(build -> build.id().value().startsWith(text))
                .toList();
        if (matches.isEmpty()) {
            throw Statuses.notFound("no build " + shown(text) + "; sheaf builds lists them");
        }
        if (matches.size() > 1) {
            throw new IllegalArgumentException(
                    matches.size() + " builds begin with " + shown(text) + "; give more of the id");
        }
        return matches.getFirst();
    }

    private static String shown(String id) {
        return "\"" + (id.length() <= 64 ? id : id.substring(0, 64) + "...") + "\"";
    }
}
