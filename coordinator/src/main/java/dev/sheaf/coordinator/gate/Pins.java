package dev.sheaf.coordinator.gate;

import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildRequest.BasePin;
import dev.sheaf.coordinator.context.BlobStore;
import dev.sheaf.dockerfile.BuildGraph;
import dev.sheaf.dockerfile.Dockerfile;
import dev.sheaf.dockerfile.DockerfileException;
import dev.sheaf.dockerfile.Instruction;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** What a build's pins leave open. */
final class Pins {
    private Pins() {}

    /**
     * Whether a slice takes nothing from elsewhere but what was pinned when the build was submitted. Not so of a
     * Dockerfile that the farm does not have or does not understand.
     */
    static boolean areComplete(BuildRequest request, Platform platform, BlobStore contexts) {
        try {
            Optional<String> text = Source.text(request, contexts);
            return text.isPresent() && areComplete(request, Dockerfile.parse(text.get()), platform);
        } catch (DockerfileException | IOException _) {
            return false;
        }
    }

    static boolean areComplete(BuildRequest request, Dockerfile file, Platform platform) throws DockerfileException {
        Set<String> pinned =
                request.options().bases().stream().map(BasePin::reference).collect(Collectors.toSet());
        BuildGraph graph = Source.graph(request, file, platform);
        return graph.bases().stream().allMatch(base -> isFixed(base.image(), pinned))
                && file.frontend(request.options().buildArgs()).stream()
                        .allMatch(frontend -> isFixed(Dockerfile.frontendImage(frontend), pinned))
                && graph.stages().stream()
                        .flatMap(stage -> stage.instructions().stream())
                        .noneMatch(Pins::isDownload);
    }

    private static boolean isFixed(Optional<ImageReference> image, Set<String> pinned) {
        return image.map(found -> found.digest().isPresent() || pinned.contains(found.toString()))
                .orElse(false);
    }

    private static boolean isDownload(Instruction step) {
        return step.is("ADD")
                && step.flag("checksum").isEmpty()
                && step.words().stream()
                        .anyMatch(word -> word.contains("://") || word.startsWith("git@") || word.startsWith("$"));
    }
}
