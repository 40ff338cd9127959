package dev.sheaf.coordinator.rpc;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest.Submitter;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.dispatch.Dispatcher;
import dev.sheaf.coordinator.gate.FarmPolicy;
import dev.sheaf.coordinator.identity.Access;
import dev.sheaf.coordinator.identity.Caller;
import dev.sheaf.coordinator.identity.IdentityStore;
import dev.sheaf.coordinator.log.BuildLog;
import dev.sheaf.coordinator.log.BuildLogs;
import dev.sheaf.coordinator.log.LogFollower;
import dev.sheaf.coordinator.rpc.caller.Peer;
import dev.sheaf.coordinator.rpc.wire.BuildWire;
import dev.sheaf.coordinator.rpc.wire.ForecastWire;
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
import dev.sheaf.v1.PlanRequest;
import dev.sheaf.v1.PlanResponse;
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
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.Collectors;

/** What the command line asks of the farm. */
public final class BuildEndpoint extends BuildServiceGrpc.BuildServiceImplBase {
    private static final int DEFAULT_LIST = 50;
    private static final int MAX_LIST = 1000;

    /** A watcher that is gone is noticed within this time. */
    private static final Duration RECHECK = Duration.ofSeconds(1);

    private final Dispatcher dispatcher;
    private final BuildLogs logs;
    private final IdentityStore identities;
    private final FarmPolicy content;
    private final Executor streams;

    /** Watchers are served on threads of the executor, one each. */
    public BuildEndpoint(
            Dispatcher dispatcher, BuildLogs logs, IdentityStore identities, FarmPolicy content, Executor streams) {
        this.dispatcher = dispatcher;
        this.logs = logs;
        this.identities = identities;
        this.content = content;
        this.streams = streams;
    }

    @Override
    public void submit(SubmitRequest request, StreamObserver<SubmitResponse> observer) {
        Optional<Submitter> submitter = submitter();
        Statuses.answer(observer, () -> {
            BuildId id = dispatcher.submit(SubmissionReader.read(request, submitter, content));
            return SubmitResponse.newBuilder().setBuildId(id.value()).build();
        });
    }

    @Override
    public void attach(AttachRequest request, StreamObserver<AttachResponse> observer) {
        Peer peer = Peer.current();
        Statuses.answer(observer, () -> {
            BuildId id = new BuildId(request.getBuildId());
            if (seen(id, peer).isEmpty() || !dispatcher.attach(id, SubmissionReader.read(request))) {
                throw Statuses.notFound("no open build " + shown(request.getBuildId()));
            }
            return AttachResponse.getDefaultInstance();
        });
    }

    @Override
    public void stitch(StitchRequest request, StreamObserver<SubmitResponse> observer) {
        Peer peer = Peer.current();
        Optional<Submitter> submitter = submitter();
        Statuses.answer(observer, () -> {
            BuildId of = find(request.getBuildId(), peer).id();
            BuildId id = dispatcher.stitch(
                    SubmissionReader.readWish(request, of, submitter),
                    SubmissionReader.read(request.getCredentialsList()));
            return SubmitResponse.newBuilder().setBuildId(id.value()).build();
        });
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<BuildEvent> observer) {
        Peer peer = Peer.current();
        Outbound<BuildEvent> outbound = new Outbound<>(observer);
        try {
            streams.execute(() -> watch(request, peer, outbound));
        } catch (RejectedExecutionException e) {
            outbound.end(Statuses.of(e));
        }
    }

    private void watch(WatchRequest request, Peer peer, Outbound<BuildEvent> outbound) {
        try {
            follow(log(request.getBuildId(), peer), request.getFromSequence(), outbound);
            outbound.complete();
        } catch (IOException | InterruptedException | StatusException | RuntimeException e) {
            outbound.end(Statuses.of(e));
        }
    }

    @Override
    public void cancel(CancelRequest request, StreamObserver<CancelResponse> observer) {
        Peer peer = Peer.current();
        Statuses.answer(observer, () -> {
            BuildId id = require(request.getBuildId(), peer).id();
            BuildState state = dispatcher.cancel(id).orElseThrow(() -> unknown(request.getBuildId()));
            return CancelResponse.newBuilder().setState(BuildWire.write(state)).build();
        });
    }

    @Override
    public void get(GetRequest request, StreamObserver<Build> observer) {
        Peer peer = Peer.current();
        Statuses.answer(observer, () -> BuildWire.write(find(request.getBuildId(), peer)));
    }

    @Override
    public void list(ListRequest request, StreamObserver<ListResponse> observer) {
        Peer peer = Peer.current();
        Statuses.answer(observer, () -> {
            int limit = request.getLimit() == 0 ? DEFAULT_LIST : request.getLimit();
            if (limit < 1 || limit > MAX_LIST) {
                throw new IllegalArgumentException("the limit is 1 to " + MAX_LIST + ", found " + limit);
            }
            String team = request.getTeam();
            if (!team.isEmpty()) {
                Access.requireTeam(peer.caller(), team);
            }
            List<Build> builds = dispatcher
                    .builds(
                            build -> peer.sees(build.team())
                                    && (team.isEmpty() || build.team().equals(team)),
                            limit)
                    .stream()
                    .map(BuildWire::brief)
                    .toList();
            return ListResponse.newBuilder().addAllBuilds(builds).build();
        });
    }

    @Override
    public void listAgents(ListAgentsRequest request, StreamObserver<ListAgentsResponse> observer) {
        Peer peer = Peer.current();
        Statuses.answer(observer, () -> {
            Set<BuildId> seen = dispatcher.builds(build -> peer.sees(build.team()), Integer.MAX_VALUE).stream()
                    .map(BuildSnapshot::id)
                    .collect(Collectors.toUnmodifiableSet());
            return ListAgentsResponse.newBuilder()
                    .addAllAgents(IdentityWire.agents(
                            dispatcher.agents(), seen::contains, identities.agents(), identities.drained()))
                    .build();
        });
    }

    @Override
    public void plan(PlanRequest request, StreamObserver<PlanResponse> observer) {
        Optional<Submitter> submitter = submitter();
        Statuses.answer(
                observer,
                () -> ForecastWire.write(dispatcher.forecast(SubmissionReader.read(request, submitter, content))));
    }

    private static Optional<Submitter> submitter() {
        return switch (Peer.current().caller()) {
            case Caller.User user -> Optional.of(new Submitter(user.name(), user.team()));
            case Caller.Local _, Caller.Agent _, Caller.Nobody _ -> Optional.empty();
        };
    }

    /** The log of a build; one that lost its last words, with the process that should have written them, gets them. */
    private BuildLog log(String id, Peer peer) throws IOException, InterruptedException, StatusException {
        BuildSnapshot build = require(id, peer);
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
    private BuildSnapshot find(String text, Peer peer) throws StatusException, InterruptedException {
        Optional<BuildSnapshot> exact = seen(new BuildId(text), peer);
        if (exact.isPresent()) {
            return exact.get();
        }
        List<BuildSnapshot> matches = dispatcher.builds(build -> peer.sees(build.team()), MAX_LIST).stream()
                .filter(build -> build.id().value().startsWith(text))
                .toList();
        if (matches.isEmpty()) {
            throw unknown(text);
        }
        if (matches.size() > 1) {
            throw new IllegalArgumentException(
                    matches.size() + " builds begin with " + shown(text) + "; give more of the id");
        }
        return matches.getFirst();
    }

    private BuildSnapshot require(String id, Peer peer) throws StatusException, InterruptedException {
        return seen(new BuildId(id), peer).orElseThrow(() -> unknown(id));
    }

    /** Empty: no such build, or one that the caller may not know of. */
    private Optional<BuildSnapshot> seen(BuildId id, Peer peer) throws InterruptedException {
        return dispatcher.build(id).filter(build -> peer.sees(build.request().team()));
    }

    private static StatusException unknown(String id) {
        return Statuses.notFound("no build " + shown(id) + "; sheaf builds lists them");
    }

    private static String shown(String id) {
        return "\"" + (id.length() <= 64 ? id : id.substring(0, 64) + "...") + "\"";
    }
}
