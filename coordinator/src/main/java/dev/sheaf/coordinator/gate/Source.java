package dev.sheaf.coordinator.gate;

import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.context.BlobStore;
import dev.sheaf.dockerfile.BuildGraph;
import dev.sheaf.dockerfile.BuildScope;
import dev.sheaf.dockerfile.Dockerfile;
import dev.sheaf.dockerfile.DockerfileException;
import dev.sheaf.dockerfile.Instruction;
import dev.sheaf.dockerfile.origin.LayerOrigin;
import dev.sheaf.dockerfile.origin.LayerOrigins;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageConfig.HistoryEntry;
import dev.sheaf.image.Platform;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Dockerfile that an image was built from, and which of its instructions made which layer.
 *
 * @param origins of the image's layers, the lowest first; empty if nobody knows
 */
record Source(String file, List<String> lines, BuildGraph graph, List<LayerOrigin> origins) {
    private static final int LINES_AROUND = 3;
    private static final int MAX_LINES = 20;
    private static final int MAX_CHARACTERS = 500; // of a line
    private static final Logger LOG = LoggerFactory.getLogger(Source.class);

    /** Empty: the farm does not have the Dockerfile, as of a git context, or does not understand it. */
    static Optional<Source> of(
            BuildRequest request, Platform platform, BlobStore contexts, List<HistoryEntry> history) {
        try {
            Optional<String> text = text(request, contexts);
            if (text.isEmpty()) {
                return Optional.empty();
            }
            BuildGraph graph = graph(request, Dockerfile.parse(text.get()), platform);
            List<LayerOrigin> origins = LayerOrigins.of(graph, history, baseEntries(graph));
            String file = request.options().dockerfile();
            return Optional.of(new Source(
                    file.isEmpty() ? "Dockerfile" : file, text.get().lines().toList(), graph, origins));
        } catch (DockerfileException | IOException e) {
            LOG.debug("the Dockerfile of {} is not read: {}", request.source(), e.getMessage());
            return Optional.empty();
        }
    }

    /** The Dockerfile of a build, if the farm has it. */
    static Optional<String> text(BuildRequest request, BlobStore contexts) throws IOException {
        return request.source() instanceof BuildRequest.Source.Tree tree
                ? contexts.of(request.team())
                        .dockerfile(tree.digest(), request.options().dockerfile())
                : Optional.empty();
    }

    /** What of a Dockerfile the slice for this platform needs. */
    static BuildGraph graph(BuildRequest request, Dockerfile file, Platform platform) throws DockerfileException {
        BuildScope scope = new BuildScope(platform, platform, request.options().buildArgs());
        return BuildGraph.of(file, request.options().target(), scope);
    }

    private static OptionalInt baseEntries(BuildGraph graph) {
        return graph.foundation().isPresent() ? OptionalInt.empty() : OptionalInt.of(0);
    }

    /** Those layers of an image that came with its base, for certain. */
    Set<Digest> baseLayers(List<Descriptor> layers) {
        Set<Digest> base = new HashSet<>();
        if (origins.size() == layers.size()) {
            for (int layer = 0; layer < layers.size(); layer++) {
                if (origins.get(layer) instanceof LayerOrigin.OfBase) {
                    base.add(layers.get(layer).digest());
                }
            }
        }
        return base;
    }

    /** The part of the Dockerfile that made a layer, by its number from 1; of the base, the FROM. */
    Optional<Failure.Source> excerpt(int layer) {
        if (layer < 1 || layer > origins.size()) {
            return Optional.empty();
        }
        return switch (origins.get(layer - 1)) {
            case LayerOrigin.Built(Instruction instruction) -> Optional.of(excerpt(instruction));
            case LayerOrigin.OfBase _, LayerOrigin.Triggered _ -> Optional.of(excerptOfBase());
            case LayerOrigin.Unknown _ -> Optional.empty();
        };
    }

    /** The FROM that the image starts with. */
    Failure.Source excerptOfBase() {
        return excerpt(graph.lineage().getFirst().from());
    }

    private Failure.Source excerpt(Instruction instruction) {
        int first = Math.max(1, instruction.firstLine() - LINES_AROUND);
        int last = Math.min(lines.size(), instruction.lastLine() + LINES_AROUND);
        List<String> shown = lines.subList(first - 1, last).stream()
                .limit(MAX_LINES)
                .map(line -> line.length() > MAX_CHARACTERS ? line.substring(0, MAX_CHARACTERS) : line)
                .toList();
        return new Failure.Source(file, first, shown, instruction.firstLine(), instruction.lastLine());
    }
}
