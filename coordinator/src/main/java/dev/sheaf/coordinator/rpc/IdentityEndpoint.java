package dev.sheaf.coordinator.rpc;

import com.google.protobuf.ByteString;
import dev.sheaf.coordinator.agents.AgentSnapshot;
import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.dispatch.AgentControl;
import dev.sheaf.coordinator.dispatch.Dispatcher;
import dev.sheaf.coordinator.identity.AgentIdentity;
import dev.sheaf.coordinator.identity.IdentityStore;
import dev.sheaf.coordinator.identity.Registrar;
import dev.sheaf.coordinator.rpc.caller.LiveCalls;
import dev.sheaf.coordinator.rpc.caller.Peer;
import dev.sheaf.coordinator.rpc.wire.Durations;
import dev.sheaf.coordinator.rpc.wire.IdentityWire;
import dev.sheaf.v1.AddUserRequest;
import dev.sheaf.v1.AddUserResponse;
import dev.sheaf.v1.AgentSelection;
import dev.sheaf.v1.AgentsChanged;
import dev.sheaf.v1.IdentityServiceGrpc;
import dev.sheaf.v1.InviteRequest;
import dev.sheaf.v1.InviteResponse;
import dev.sheaf.v1.JoinRequest;
import dev.sheaf.v1.JoinResponse;
import dev.sheaf.v1.ListUsersRequest;
import dev.sheaf.v1.ListUsersResponse;
import dev.sheaf.v1.RemoveUserRequest;
import dev.sheaf.v1.RemoveUserResponse;
import dev.sheaf.v1.RenewRequest;
import dev.sheaf.v1.WhoAmIRequest;
import dev.sheaf.v1.WhoAmIResponse;
import io.grpc.stub.StreamObserver;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Joining the farm, and what operators do about agents and users. */
public final class IdentityEndpoint extends IdentityServiceGrpc.IdentityServiceImplBase {
    private static final Logger LOG = LoggerFactory.getLogger(IdentityEndpoint.class);
    private static final Duration DEFAULT_TTL = Duration.ofMinutes(10);

    private final Dispatcher dispatcher;
    private final AgentControl control;
    private final Identities identities;

    /** What is kept of who may call, who makes it, and who calls now. */
    public record Identities(IdentityStore store, Registrar registrar, LiveCalls calls) {}

    public IdentityEndpoint(Dispatcher dispatcher, AgentControl control, Identities identities) {
        this.dispatcher = dispatcher;
        this.control = control;
        this.identities = identities;
    }

    /** Tells the queue which agents get nothing new: those that are drained, and those that are revoked. */
    public void holdBack() {
        Stream<String> revoked = identities.store().agents().stream()
                .filter(agent -> agent.history().revoked().isPresent())
                .map(AgentIdentity::name);
        control.holdBack(Stream.concat(identities.store().drained().stream(), revoked)
                .map(AgentId::new)
                .collect(Collectors.toSet()));
    }

    @Override
    public void join(JoinRequest request, StreamObserver<JoinResponse> observer) {
        Registrar.Place from = place();
        Statuses.answer(observer, () -> {
            Registrar.Certified joined = identities
                    .registrar()
                    .join(request.getToken(), request.getSigningRequest().toByteArray(), request.getName(), from);
            LOG.info("agent {} joined from {}", joined.agent().name(), from.text());
            // Whoever had the name before is another.
            identities.calls().end(joined.agent().name(), "another host joined as this agent");
            control.cutOff(new AgentId(joined.agent().name()));
            holdBack();
            return response(joined);
        });
    }

    @Override
    public void renew(RenewRequest request, StreamObserver<JoinResponse> observer) {
        Registrar.Place from = place();
        Statuses.answer(
                observer,
                () -> response(
                        identities.registrar().renew(request.getSigningRequest().toByteArray(), from)));
    }

    private static Registrar.Place place() {
        Peer peer = Peer.current();
        return new Registrar.Place(peer.host(), peer.address());
    }

    private static JoinResponse response(Registrar.Certified certified) throws CertificateEncodingException {
        AgentIdentity agent = certified.agent();
        JoinResponse.Builder response = JoinResponse.newBuilder()
                .setName(agent.name())
                .setPool(agent.pool())
                .addAllPlatforms(IdentityWire.names(agent.platforms()))
                .setExpires(Durations.write(agent.history().expires()));
        for (X509Certificate certificate : certified.chain()) {
            response.addChain(ByteString.copyFrom(certificate.getEncoded()));
        }
        return response.build();
    }

    @Override
    public void whoAmI(WhoAmIRequest request, StreamObserver<WhoAmIResponse> observer) {
        Peer peer = Peer.current();
        Statuses.answer(observer, () -> IdentityWire.write(peer.caller()));
    }

    @Override
    public void invite(InviteRequest request, StreamObserver<InviteResponse> observer) {
        Statuses.answer(observer, () -> {
            Duration ttl = request.hasTtl() ? Durations.read("ttl", request.getTtl()) : DEFAULT_TTL;
            Registrar.Invited invited = identities.registrar().invite(IdentityWire.terms(request), ttl);
            return InviteResponse.newBuilder()
                    .setToken(invited.token().text())
                    .setExpires(Durations.write(invited.invitation().expires()))
                    .setPool(invited.invitation().terms().pool())
                    .addAllPlatforms(
                            IdentityWire.names(invited.invitation().terms().platforms()))
                    .build();
        });
    }

    @Override
    public void revokeAgents(AgentSelection request, StreamObserver<AgentsChanged> observer) {
        Statuses.answer(observer, () -> {
            List<String> names = selected(request);
            Set<String> joined = identities.store().agents().stream()
                    .map(AgentIdentity::name)
                    .collect(Collectors.toSet());
            for (String name : names) {
                if (!joined.contains(name)) {
                    throw new IllegalArgumentException("agent \"" + name + "\" has not joined: it speaks clear text on"
                            + " the coordinator's machine, and has nothing to be revoked; drain it, or stop it there");
                }
            }
            names.forEach(identities.registrar()::revoke);
            holdBack();
            for (String name : names) {
                identities.calls().end(name, "agent \"" + name + "\" was revoked");
                control.cutOff(new AgentId(name));
                LOG.info("agent {} was revoked", name);
            }
            return changed(names);
        });
    }

    @Override
    public void drainAgents(AgentSelection request, StreamObserver<AgentsChanged> observer) {
        change(request, observer, identities.store()::drain);
    }

    @Override
    public void resumeAgents(AgentSelection request, StreamObserver<AgentsChanged> observer) {
        change(request, observer, identities.store()::resume);
    }

    private void change(AgentSelection request, StreamObserver<AgentsChanged> observer, Consumer<String> change) {
        Statuses.answer(observer, () -> {
            List<String> names = selected(request);
            names.forEach(change);
            holdBack();
            return changed(names);
        });
    }

    private List<String> selected(AgentSelection request) throws InterruptedException {
        List<AgentSnapshot> live = dispatcher.agents();
        return IdentityWire.selector(request)
                .select(IdentityWire.facts(live, identities.store().agents()));
    }

    private static AgentsChanged changed(List<String> names) {
        return AgentsChanged.newBuilder().addAllNames(names).build();
    }

    @Override
    public void addUser(AddUserRequest request, StreamObserver<AddUserResponse> observer) {
        Statuses.answer(
                observer,
                () -> AddUserResponse.newBuilder()
                        .setToken(identities
                                .registrar()
                                .addUser(request.getName(), request.getTeam(), request.getOperator())
                                .text())
                        .build());
    }

    @Override
    public void listUsers(ListUsersRequest request, StreamObserver<ListUsersResponse> observer) {
        Statuses.answer(
                observer,
                () -> ListUsersResponse.newBuilder()
                        .addAllUsers(identities.store().users().stream()
                                .map(IdentityWire::write)
                                .toList())
                        .build());
    }

    @Override
    public void removeUser(RemoveUserRequest request, StreamObserver<RemoveUserResponse> observer) {
        Statuses.answer(observer, () -> {
            if (!identities.registrar().removeUser(request.getName())) {
                throw Statuses.notFound("no user is called \"" + request.getName() + "\"; sheaf users lists them");
            }
            return RemoveUserResponse.getDefaultInstance();
        });
    }
}
