package dev.sheaf.dockerfile.origin;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.dockerfile.BuildGraph;
import dev.sheaf.dockerfile.BuildScope;
import dev.sheaf.dockerfile.Dockerfile;
import dev.sheaf.dockerfile.DockerfileException;
import dev.sheaf.image.ImageConfig.HistoryEntry;
import dev.sheaf.image.Platform;
import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class LayerOriginsTest {
    private static final HistoryEntry BASE_LAYER = new HistoryEntry("/bin/sh -c #(nop) ADD file:1a2b in / ", false);
    private static final HistoryEntry BASE_COMMAND = new HistoryEntry("/bin/sh -c #(nop)  CMD [\"sh\"]", true);

    private static final String DOCKERFILE = """
            FROM alpine AS tools
            RUN unrelated
            FROM alpine AS base
            ARG VERSION
            RUN apk add \\
                curl
            FROM base
            WORKDIR /app
            COPY --from=tools /t /app/
            ENV A=b
            COPY app /app/
            CMD ["app"]
            """;

    private static final List<HistoryEntry> OWN = List.of(
            new HistoryEntry("ARG VERSION=1", true),
            new HistoryEntry("RUN |1 VERSION=1 /bin/sh -c apk add     curl # buildkit", false),
            new HistoryEntry("WORKDIR /app", false),
            new HistoryEntry("COPY /t /app/ # buildkit", false),
            new HistoryEntry("ENV A=b", true),
            new HistoryEntry("COPY app /app/ # buildkit", false),
            new HistoryEntry("CMD [\"app\"]", true));

    @Test
    void namesTheInstructionOfEachLayerAndTheBase() throws DockerfileException {
        List<LayerOrigin> origins =
                origins(DOCKERFILE, joined(List.of(BASE_LAYER, BASE_COMMAND), OWN), OptionalInt.empty());

        assertThat(origins)
                .extracting(LayerOrigin::title)
                .containsExactly(
                        "the base image",
                        "Dockerfile lines 5-6, RUN apk add \\",
                        "Dockerfile line 8, WORKDIR /app",
                        "Dockerfile line 9, COPY --from=tools /t /app/",
                        "Dockerfile line 11, COPY app /app/");
    }

    @Test
    void doesWithoutEntriesForWhatMadeNoLayer() throws DockerfileException {
        List<HistoryEntry> fewer =
                OWN.stream().filter(entry -> !entry.emptyLayer()).toList();

        assertThat(origins(DOCKERFILE, joined(List.of(BASE_LAYER), fewer), OptionalInt.empty()))
                .hasSize(5)
                .startsWith(new LayerOrigin.OfBase())
                .last()
                .extracting(LayerOrigin::title)
                .isEqualTo("Dockerfile line 11, COPY app /app/");
    }

    @Test
    void knowsTheTriggersOfTheBaseIfItKnowsTheBase() throws DockerfileException {
        HistoryEntry trigger = new HistoryEntry("COPY . /src # buildkit", false);
        List<HistoryEntry> history = joined(List.of(BASE_LAYER, BASE_COMMAND, trigger), OWN);

        assertThat(origins(DOCKERFILE, history, OptionalInt.of(2)).get(1))
                .isEqualTo(new LayerOrigin.Triggered("COPY . /src # buildkit"));
        assertThat(origins(DOCKERFILE, history, OptionalInt.empty()).get(1)).isEqualTo(new LayerOrigin.OfBase());
    }

    @Test
    void saysThatItDoesNotKnowRatherThanGuess() throws DockerfileException {
        List<HistoryEntry> squashed = List.of(BASE_LAYER, new HistoryEntry("squashed", false));
        assertThat(origins(DOCKERFILE, squashed, OptionalInt.empty()))
                .containsExactly(new LayerOrigin.Unknown(), new LayerOrigin.Unknown());
        assertThat(origins(DOCKERFILE, squashed, OptionalInt.of(1)))
                .containsExactly(new LayerOrigin.OfBase(), new LayerOrigin.Unknown());
    }

    @Test
    void neverTakesAnEntryOfAKnownBaseForItsOwn() throws DockerfileException {
        List<HistoryEntry> history = List.of(new HistoryEntry("COPY app / # buildkit", false));

        assertThat(origins("FROM alpine\nCOPY app /\n", history, OptionalInt.of(1)))
                .containsExactly(new LayerOrigin.OfBase());
    }

    @Test
    void scratchHasNoBase() throws DockerfileException {
        List<HistoryEntry> history = List.of(new HistoryEntry("COPY app / # buildkit", false));

        assertThat(origins("FROM scratch\nCOPY app /\n", history, OptionalInt.of(0)))
                .extracting(LayerOrigin::title)
                .containsExactly("Dockerfile line 2, COPY app /");
    }

    private static List<HistoryEntry> joined(List<HistoryEntry> first, List<HistoryEntry> second) {
        return java.util.stream.Stream.concat(first.stream(), second.stream()).toList();
    }

    private static List<LayerOrigin> origins(String text, List<HistoryEntry> history, OptionalInt baseEntries)
            throws DockerfileException {
        BuildGraph graph =
                BuildGraph.of(Dockerfile.parse(text), "", BuildScope.natively(Platform.parse("linux/arm64")));
        return LayerOrigins.of(graph, history, baseEntries);
    }
}
