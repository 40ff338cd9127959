package dev.sheaf.coordinator.rpc.wire;

import com.google.protobuf.ByteString;
import dev.sheaf.coordinator.agents.AgentDescription;
import dev.sheaf.coordinator.agents.AgentSnapshot;
import dev.sheaf.coordinator.agents.Assignment;
import dev.sheaf.coordinator.agents.Incarnation;
import dev.sheaf.coordinator.agents.SyncAnswer;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.LeaseId;
import dev.sheaf.coordinator.build.Outcome;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.host.Host;
import dev.sheaf.coordinator.dispatch.Attachments;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import dev.sheaf.v1.Agent;
import dev.sheaf.v1.HeldLease;
import dev.sheaf.v1.HostDescription;
import dev.sheaf.v1.LeaseRef;
import dev.sheaf.v1.PlatformSupport;
import dev.sheaf.v1.RegistryCredential;
import dev.sheaf.v1.Secret;
import dev.sheaf.v1.SynchronizeRequest;
import dev.sheaf.v1.SynchronizeResponse;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/** What agents say and hear. Readers throw IllegalArgumentException with one line for the agent. */
public final class AgentWire {
    /** Platforms that one agent offers. */
    static final int MAX_OFFERS = 64;

    /** Leases that one agent lists. */
    static final int MAX_LEASES = 1000;

    /** Characters of a line that describes an agent's host; the rest is cut. */
    static final int MAX_LINE = 200;

    private AgentWire() {}

    /**
     * What an agent says it is doing.
     *
     * @param address where the call came from
     * @param permitted platforms that the agent may offer; empty: any
     */
    public static SyncCall read(SynchronizeRequest request, String address, List<Platform> permitted) {
        if (request.getLeasesCount() > MAX_LEASES) {
            throw new IllegalArgumentException(
                    "an agent lists at most " + MAX_LEASES + " leases, found " + request.getLeasesCount());
        }
        AgentDescription description = description(request.getDescription(), address);
        return new SyncCall(
                new Incarnation(request.getIncarnation(), request.getStartedAt()),
                request.getSequence(),
                permitted.isEmpty() ? description : description.limitedTo(permitted),
                request.getLeasesList().stream().map(AgentWire::held).toList(),
                request.getDraining());
    }

    /** A lease that an agent names. */
    public static LeaseId lease(LeaseRef ref) {
        SliceId slice = new SliceId(new BuildId(ref.getBuildId()), Platform.parse(ref.getPlatform()));
        return new LeaseId(slice, ref.getFence());
    }

    /** What the agent should be doing; an assignment whose build has ended meanwhile is left out. */
    public static SynchronizeResponse write(SyncAnswer answer, Function<BuildId, Optional<Attachments>> attachments) {
        SynchronizeResponse.Builder wire = SynchronizeResponse.newBuilder()
                .addAllRenewedFences(answer.renewed())
                .addAllStopFences(answer.stop())
                .addAllSettledFences(answer.settled())
                .setLeaseTime(Durations.write(answer.leaseTime()));
        for (Assignment assignment : answer.assignments()) {
            attachments
                    .apply(assignment.lease().build())
                    .ifPresent(attached -> wire.addAssignments(assignment(assignment, attached)));
        }
        return wire.build();
    }

    /** An agent, for those who ask for the farm's agents and may know of these builds. */
    static Agent write(AgentSnapshot agent, Predicate<BuildId> seen) {
        AgentDescription description = agent.description();
        AgentDescription.Particulars particulars = description.particulars();
        dev.sheaf.v1.AgentDescription.Builder wire = dev.sheaf.v1.AgentDescription.newBuilder()
                .setName(description.id().name())
                .setSlots(description.slots())
                .setHost(BuildWire.write(particulars.host()))
                .setVersion(particulars.version())
                .setUnavailable(particulars.unavailable());
        for (AgentDescription.Offer offer : description.offers()) {
            wire.addPlatforms(PlatformSupport.newBuilder()
                    .setPlatform(BuildWire.write(offer.platform()))
                    .setEmulated(offer.emulated())
                    .setProof(offer.proof()));
        }
        return Agent.newBuilder()
                .setDescription(wire)
                .setLeases(agent.holding().size())
                .setLastSeen(Durations.write(agent.lastSeen()))
                .setDraining(agent.draining())
                .setLost(agent.lost())
                .setAddress(particulars.address())
                .setWithheld(particulars.withheld())
                .addAllHolding(agent.holding().stream()
                        .filter(slice -> seen.test(slice.build()))
                        .map(SliceId::toString)
                        .toList())
                .build();
    }

    private static AgentDescription description(dev.sheaf.v1.AgentDescription wire, String address) {
        if (wire.getPlatformsCount() > MAX_OFFERS) {
            throw new IllegalArgumentException(
                    "an agent offers at most " + MAX_OFFERS + " platforms, found " + wire.getPlatformsCount());
        }
        List<AgentDescription.Offer> offers = wire.getPlatformsList().stream()
                .map(support -> new AgentDescription.Offer(
                        SubmissionReader.platform(support.getPlatform()), support.getEmulated(), support.getProof()))
                .toList();
        AgentDescription.Particulars particulars = new AgentDescription.Particulars(
                host(wire.getHost()), wire.getVersion(), wire.getUnavailable(), address, "");
        return new AgentDescription(new AgentId(wire.getName()), offers, wire.getSlots(), particulars);
    }

    private static Host host(HostDescription wire) {
        return new Host(
                line(wire.getMachine()),
                line(wire.getKernel()),
                line(wire.getCpu()),
                new Host.Engine(
                        line(wire.getEngine()),
                        line(wire.getDockerVersion()),
                        line(wire.getBuildkitVersion()),
                        line(wire.getDegraded())));
    }

    /** Stored with each slice that the agent is given. */
    private static String line(String text) {
        return text.substring(0, Math.min(text.length(), MAX_LINE));
    }

    private static SyncCall.Held held(HeldLease held) {
        Optional<Outcome> outcome = switch (held.getOutcome().getOutcomeCase()) {
            case PUSHED ->
                Optional.of(new Outcome.Pushed(
                        Digest.parse(held.getOutcome().getPushed().getDigest())));
            case FAILED ->
                Optional.of(
                        new Outcome.Failed(WireFailures.read(held.getOutcome().getFailed())));
            case STOPPED ->
                Optional.of(new Outcome.Stopped(held.getOutcome().getStopped().getReason()));
            case OUTCOME_NOT_SET -> Optional.empty();
        };
        return new SyncCall.Held(lease(held.getLease()), outcome);
    }

    /**
     * Under which key engines keep files of the last build. What is kept is not asked for again, and any file of the
     * same name, size and time passes for it: so no team may use another's key. Names of teams hold no slash.
     */
    private static String engineKey(BuildRequest request) {
        String key = request.options().contextKey();
        return key.isEmpty() || request.team().isEmpty() ? key : request.team() + "/" + key;
    }

    private static dev.sheaf.v1.Assignment assignment(Assignment assignment, Attachments attached) {
        BuildRequest request = assignment.request();
        Platform platform = assignment.lease().slice().platform();
        dev.sheaf.v1.Assignment.Builder wire = dev.sheaf.v1.Assignment.newBuilder()
                .setLease(LeaseRef.newBuilder()
                        .setBuildId(assignment.lease().build().value())
                        .setPlatform(platform.toString())
                        .setFence(assignment.lease().fence()))
                .setAttempt(assignment.attempt())
                .setEmulated(assignment.emulated())
                .setPlatform(BuildWire.write(platform))
                .setSpec(BuildWire.spec(request).toBuilder().setContextKey(engineKey(request)));
        if (request.push()) {
            wire.addAllRepositories(
                    request.tags().stream().map(ImageReference::name).distinct().toList());
        }
        for (Attachments.Login login : attached.logins()) {
            wire.addCredentials(RegistryCredential.newBuilder()
                    .setRegistry(login.registry())
                    .setUsername(login.username())
                    .setPassword(login.password())
                    .setIdentityToken(login.identityToken()));
        }
        for (Attachments.Secret secret : attached.secrets()) {
            wire.addSecrets(Secret.newBuilder().setId(secret.id()).setValue(ByteString.copyFrom(secret.value())));
        }
        return wire.build();
    }
}
