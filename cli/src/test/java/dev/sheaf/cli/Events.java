package dev.sheaf.cli;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.Descriptor;
import dev.sheaf.v1.Failure;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.HostDescription;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.SliceStage;
import dev.sheaf.v1.SliceState;
import dev.sheaf.v1.SourceExcerpt;
import dev.sheaf.v1.Vertex;
import dev.sheaf.v1.VertexLog;

/** Events as a coordinator sends them. */
final class Events {
    static final String INDEX = "sha256:" + "1".repeat(64);
    static final String ARM = "sha256:" + "2".repeat(64);
    static final HostDescription HOST = HostDescription.newBuilder()
            .setMachine("aarch64")
            .setKernel("Linux 6.12.9")
            .setCpu("Neoverse N1")
            .setEngine("Docker Engine 29.9.0 (containerd store), BuildKit (version not stated)")
            .setDockerVersion("29.9.0")
            .build();
    static final String CONFIG = "sha256:" + "3".repeat(64);

    private Events() {}

    static Timestamp at(double seconds) {
        return Timestamp.newBuilder()
                .setSeconds((long) seconds)
                .setNanos((int) Math.round((seconds - Math.floor(seconds)) * 1e9))
                .build();
    }

    static BuildEvent.Builder running(String platform, String agent, int attempt) {
        return BuildEvent.newBuilder()
                .setPlatform(platform)
                .setSlice(SliceState.newBuilder()
                        .setStage(SliceStage.SLICE_STAGE_RUNNING)
                        .setAgent(agent)
                        .setAttempt(attempt));
    }

    static BuildEvent.Builder started(String platform, String digest, String name, double at) {
        return vertex(
                platform, Vertex.newBuilder().setDigest(digest).setName(name).setStarted(at(at)));
    }

    static BuildEvent.Builder completed(String platform, String digest, String error, double at) {
        return vertex(
                platform, Vertex.newBuilder().setDigest(digest).setError(error).setCompleted(at(at)));
    }

    static BuildEvent.Builder vertex(String platform, Vertex.Builder vertex) {
        return BuildEvent.newBuilder()
                .setPlatform(platform)
                .setProgress(Progress.newBuilder().addVertexes(vertex));
    }

    static BuildEvent.Builder log(String platform, String digest, String text, double at) {
        return BuildEvent.newBuilder()
                .setPlatform(platform)
                .setProgress(Progress.newBuilder()
                        .addLogs(VertexLog.newBuilder()
                                .setVertex(digest)
                                .setStream(1)
                                .setTimestamp(at(at))
                                .setData(ByteString.copyFromUtf8(text))));
    }

    static BuildEvent.Builder succeeded() {
        Platform arm =
                Platform.newBuilder().setOs("linux").setArchitecture("arm64").build();
        return BuildEvent.newBuilder()
                .setBuild(Build.newBuilder()
                        .setId("b-1")
                        .setState(BuildState.BUILD_STATE_SUCCEEDED)
                        .setSpec(BuildSpec.newBuilder()
                                .addTags("registry.example:5000/app:1")
                                .addPlatforms(arm)
                                .setPush(true))
                        .setIndex(Descriptor.newBuilder()
                                .setDigest(INDEX)
                                .setMediaType("application/vnd.oci.image.index.v1+json")
                                .setSize(123))
                        .addSlices(SliceState.newBuilder()
                                .setPlatform(arm)
                                .setStage(SliceStage.SLICE_STAGE_BUILT)
                                .setAgent("arm-1")
                                .setAttempt(2)
                                .setHost(HOST)
                                .setPushed(Descriptor.newBuilder().setDigest(ARM))
                                .setConfigDigest(CONFIG)
                                .setStarted(at(0))
                                .setEnded(at(4.5))));
    }

    static BuildEvent.Builder failed(FailureClass kind) {
        return BuildEvent.newBuilder()
                .setBuild(Build.newBuilder()
                        .setId("b-1")
                        .setState(BuildState.BUILD_STATE_FAILED)
                        .setFailure(Failure.newBuilder()
                                .setKind(kind)
                                .setPlatform("linux/arm64")
                                .setMessage("the step RUN false failed: exit code: 1")
                                .setSource(SourceExcerpt.newBuilder()
                                        .setFile("Dockerfile")
                                        .setFirstLine(1)
                                        .addLines("FROM busybox")
                                        .addLines("RUN false")
                                        .setErrorStart(2)
                                        .setErrorEnd(2))));
    }
}
