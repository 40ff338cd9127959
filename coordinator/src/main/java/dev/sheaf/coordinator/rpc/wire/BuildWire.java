package dev.sheaf.coordinator.rpc.wire;

import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildRequest.Smoke;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.coordinator.build.SliceSnapshot;
import dev.sheaf.coordinator.build.SliceState.Built;
import dev.sheaf.coordinator.build.SliceState.Cancelled;
import dev.sheaf.coordinator.build.SliceState.Failed;
import dev.sheaf.coordinator.build.SliceState.Leased;
import dev.sheaf.coordinator.build.SliceState.Queued;
import dev.sheaf.coordinator.build.SliceState.Running;
import dev.sheaf.coordinator.build.SliceState.Stage;
import dev.sheaf.coordinator.build.SliceState.Verifying;
import dev.sheaf.coordinator.build.host.Host;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import dev.sheaf.v1.BasePin;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.HostDescription;
import dev.sheaf.v1.SliceStage;
import dev.sheaf.v1.SliceState;

/** Builds and slices as the wire has them. */
public final class BuildWire {
    private BuildWire() {}

    /** A build. */
    public static Build write(BuildSnapshot build) {
        Build.Builder wire = Build.newBuilder()
                .setId(build.id().value())
                .setState(write(build.state()))
                .setSpec(spec(build.request()))
                .addAllSlices(build.slices().stream().map(BuildWire::write).toList())
                .setSubmitted(Durations.write(build.submitted()));
        build.request().submitter().ifPresent(by -> wire.setUser(by.user()).setTeam(by.team()));
        build.result().ended().ifPresent(ended -> wire.setEnded(Durations.write(ended)));
        build.result().index().ifPresent(index -> wire.setIndex(write(index)));
        build.result().failure().ifPresent(failure -> wire.setFailure(WireFailures.write(failure)));
        return wire.build();
    }

    /** A build without what can be large: a thousand of them are one message. */
    public static Build brief(BuildSnapshot build) {
        Build.Builder wire = write(build).toBuilder();
        wire.getSpecBuilder().clearBuildArgs().clearLabels().clearBases().clearCheckExceptions();
        wire.getSlicesBuilderList().forEach(slice -> slice.clearCheck().clearMaterials());
        return wire.build();
    }

    /** A slice. */
    public static SliceState write(SliceSnapshot slice) {
        SliceState.Builder wire = SliceState.newBuilder()
                .setPlatform(write(slice.id().platform()))
                .setStage(write(slice.state().stage()))
                .setAttempt(slice.attempt())
                .setAgent(slice.agent().map(AgentId::name).orElse(""))
                .setEmulated(slice.emulated())
                .setWaitingFor(slice.waitingFor());
        if (slice.agent().isPresent()) {
            wire.setHost(write(slice.host()));
        }
        slice.times().started().ifPresent(started -> wire.setStarted(Durations.write(started)));
        slice.times().ended().ifPresent(ended -> wire.setEnded(Durations.write(ended)));
        switch (slice.state()) {
            case Built built ->
                built.image().ifPresent(image -> {
                    wire.setPushed(write(image.pushed()))
                            .setConfigDigest(image.config().value());
                    image.check().ifPresent(check -> wire.setCheck(CheckWire.write(check)));
                    image.materials().ifPresent(materials -> CheckWire.write(materials, wire));
                });
            case Failed failed -> wire.setFailure(WireFailures.write(failed.failure()));
            case Queued _, Leased _, Running _, Verifying _, Cancelled _ -> {}
        }
        return wire.build();
    }

    /** The state of a build. */
    public static dev.sheaf.v1.BuildState write(BuildState state) {
        return switch (state) {
            case QUEUED -> dev.sheaf.v1.BuildState.BUILD_STATE_QUEUED;
            case BUILDING -> dev.sheaf.v1.BuildState.BUILD_STATE_BUILDING;
            case STITCHING -> dev.sheaf.v1.BuildState.BUILD_STATE_STITCHING;
            case SUCCEEDED -> dev.sheaf.v1.BuildState.BUILD_STATE_SUCCEEDED;
            case FAILED -> dev.sheaf.v1.BuildState.BUILD_STATE_FAILED;
            case CANCELLED -> dev.sheaf.v1.BuildState.BUILD_STATE_CANCELLED;
        };
    }

    static dev.sheaf.v1.Platform write(Platform platform) {
        return dev.sheaf.v1.Platform.newBuilder()
                .setOs(platform.os())
                .setArchitecture(platform.architecture())
                .setVariant(platform.variant())
                .build();
    }

    static BuildSpec spec(BuildRequest request) {
        BuildRequest.Options options = request.options();
        BuildSpec.Builder wire = BuildSpec.newBuilder()
                .addAllPlatforms(
                        request.platforms().stream().map(BuildWire::write).toList())
                .addAllTags(
                        request.tags().stream().map(ImageReference::toString).toList())
                .setPush(request.push())
                .setDockerfile(options.dockerfile())
                .setTarget(options.target())
                .putAllBuildArgs(options.buildArgs())
                .putAllLabels(options.labels())
                .setNoCache(options.switches().noCache())
                .setPull(options.switches().pull())
                .setProvenance(options.provenance())
                .setContextKey(options.contextKey())
                .addAllBases(options.bases().stream().map(BuildWire::write).toList());
        options.policy().ifPresent(policy -> CheckWire.write(policy, wire));
        switch (request.source()) {
            case BuildRequest.Source.Tree tree ->
                wire.setTreeDigest(tree.digest().value());
            case BuildRequest.Source.Url url -> wire.setUrl(url.url());
        }
        options.smoke().ifPresent(smoke -> wire.setSmoke(write(smoke)));
        request.waitForAgents().ifPresent(wait -> wire.setWaitForAgents(Durations.write(wait)));
        return wire.build();
    }

    private static dev.sheaf.v1.Smoke write(Smoke smoke) {
        return dev.sheaf.v1.Smoke.newBuilder()
                .addAllCommand(smoke.command())
                .setTimeout(Durations.write(smoke.timeout()))
                .build();
    }

    private static BasePin write(BuildRequest.BasePin base) {
        return BasePin.newBuilder()
                .setReference(base.reference())
                .setDigest(base.digest().value())
                .addAllPlatforms(base.platforms().stream().map(BuildWire::write).toList())
                .build();
    }

    static HostDescription write(Host host) {
        return HostDescription.newBuilder()
                .setMachine(host.machine())
                .setKernel(host.kernel())
                .setCpu(host.cpu())
                .setEngine(host.engine().description())
                .setDockerVersion(host.engine().docker())
                .setBuildkitVersion(host.engine().buildKit())
                .setDegraded(host.engine().degraded())
                .build();
    }

    private static dev.sheaf.v1.Descriptor write(Descriptor descriptor) {
        dev.sheaf.v1.Descriptor.Builder wire = dev.sheaf.v1.Descriptor.newBuilder()
                .setMediaType(descriptor.mediaType().value())
                .setDigest(descriptor.digest().value())
                .setSize(descriptor.size());
        descriptor.platform().ifPresent(platform -> wire.setPlatform(write(platform)));
        return wire.build();
    }

    private static SliceStage write(Stage stage) {
        return switch (stage) {
            case QUEUED -> SliceStage.SLICE_STAGE_QUEUED;
            case LEASED -> SliceStage.SLICE_STAGE_LEASED;
            case RUNNING -> SliceStage.SLICE_STAGE_RUNNING;
            case VERIFYING -> SliceStage.SLICE_STAGE_VERIFYING;
            case BUILT -> SliceStage.SLICE_STAGE_BUILT;
            case FAILED -> SliceStage.SLICE_STAGE_FAILED;
            case CANCELLED -> SliceStage.SLICE_STAGE_CANCELLED;
        };
    }
}
