package dev.sheaf.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.image.Platform;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class BuildGraphTest {
    private static final Platform ARM64 = Platform.parse("linux/arm64");
    private static final Platform ARM = Platform.parse("linux/arm/v7");

    private static final String SEVERAL = """
            ARG BASE=alpine
            ARG TAG=3
            ARG FULL=${BASE}:${TAG}
            FROM golang:1 AS go
            FROM node:2 AS unused
            FROM ${FULL} AS runtime
            RUN a
            FROM --platform=$BUILDPLATFORM tools AS build
            RUN --mount=from=go,target=/go --mount=type=bind,from=busybox:1,target=/b make
            FROM runtime AS final
            COPY --from=build /app /app
            COPY --from=docker.io/library/caddy:2 /c /c
            COPY --from=0 /x /x
            FROM scratch AS empty
            COPY a b
            """;

    @Test
    void findsTheImagesOfTheStagesThatTheTargetNeeds() throws DockerfileException {
        BuildGraph graph = graph(SEVERAL, "final", BuildScope.natively(ARM64));

        assertThat(graph.bases())
                .extracting(BaseUse::reference)
                .containsExactly("golang:1", "alpine:3", "tools", "busybox:1", "docker.io/library/caddy:2");
        assertThat(graph.bases().get(2).platform()).contains("linux/arm64");
        assertThat(graph.bases().get(1).platform()).isEmpty();
        assertThat(graph.bases().get(2).image().map(String::valueOf)).contains("docker.io/library/tools:latest");
        assertThat(graph.stages()).extracting(Stage::name).containsExactly("go", "runtime", "build", "final");
    }

    @Test
    void tellsTheChainThatTheImagesHistoryTellsOf() throws DockerfileException {
        BuildGraph graph = graph(SEVERAL, "final", BuildScope.natively(ARM64));

        assertThat(graph.chain()).extracting(Instruction::keyword).containsExactly("RUN", "COPY", "COPY", "COPY");
        assertThat(graph.foundation().map(BaseUse::reference)).contains("alpine:3");
        assertThat(graph.target().name()).isEqualTo("final");
    }

    @Test
    void theLastStageIsTheTargetAndScratchIsNoImage() throws DockerfileException {
        BuildGraph graph = graph(SEVERAL, "", BuildScope.natively(ARM64));

        assertThat(graph.target().name()).isEqualTo("empty");
        assertThat(graph.bases()).isEmpty();
        assertThat(graph.foundation()).isEmpty();
    }

    @Test
    void expandsBuildArgumentsAndPlatformArguments() throws DockerfileException {
        BuildScope scope = new BuildScope(ARM, ARM64, Map.of("TAG", "9", "UNDECLARED", "x"));
        String text = """
                ARG TAG=1
                ARG NAME=app-$TARGETARCH$TARGETVARIANT
                FROM --platform=linux/$BUILDARCH $NAME:$TAG$UNDECLARED
                """;

        BuildGraph graph = graph(text, "", scope);

        assertThat(graph.bases()).extracting(BaseUse::reference).containsExactly("app-armv7:9");
        assertThat(graph.bases().getFirst().platform()).contains("linux/arm64");
        assertThat(graph(text, "", new BuildScope(ARM, ARM64, Map.of("TARGETARCH", "mine")))
                        .bases()
                        .getFirst()
                        .reference())
                .isEqualTo("app-minev7:1");
    }

    @Test
    void aFromSeesOnlyTheStagesBeforeIt() throws DockerfileException {
        BuildGraph graph = graph(
                "FROM alpine AS alpine\nFROM ALPINE AS b\nFROM c\nFROM b AS c\n", "c", BuildScope.natively(ARM64));

        assertThat(graph.bases()).extracting(BaseUse::reference).containsExactly("alpine");
        assertThat(graph.lineage()).extracting(Stage::name).containsExactly("alpine", "b", "c");
    }

    @Test
    void aTargetMayBeANumberAndMustExist() throws DockerfileException {
        assertThat(graph(SEVERAL, "1", BuildScope.natively(ARM64)).target().name())
                .isEqualTo("unused");
        assertThatThrownBy(() -> graph("FROM a AS x\nFROM b\n", "y", BuildScope.natively(ARM64)))
                .hasMessage("the Dockerfile has no stage \"y\"; it has x, 1");
    }

    @Test
    void namesTheLineThatCannotBeExpanded() {
        assertThatThrownBy(() -> graph("FROM a\nFROM ${B:?must}\n", "", BuildScope.natively(ARM64)))
                .hasMessageStartingWith("line 2: \"${B:?must");
    }

    @Test
    void stagesThatNeedEachOtherAreToldOnce() throws DockerfileException {
        BuildGraph graph = graph(
                "FROM a AS a1\nCOPY --from=b1 x y\nFROM b AS b1\nCOPY --from=a1 x y\n", "", BuildScope.natively(ARM64));

        assertThat(graph.bases()).extracting(BaseUse::reference).containsExactly("a", "b");
    }

    static BuildGraph graph(String text, String target, BuildScope scope) throws DockerfileException {
        return BuildGraph.of(Dockerfile.parse(text), target, scope);
    }
}
