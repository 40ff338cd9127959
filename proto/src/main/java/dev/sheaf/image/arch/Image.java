package dev.sheaf.image.arch;

import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageConfig;
import dev.sheaf.image.Platform;
import dev.sheaf.image.layer.LayerFacts;
import java.util.List;
import java.util.Set;

/**
 * An image of one platform, as far as rules ask.
 *
 * @param platform that it was built for, or that its index says it is for
 * @param layers from the lowest to the highest
 * @param baseLayers those that the build found in its base image; empty if nobody knows, and then all layers count as
 *     the build's own
 * @param compressedBytes of all layers, as they are pulled
 */
public record Image(
        Platform platform, ImageConfig config, List<LayerFacts> layers, Set<Digest> baseLayers, long compressedBytes) {
    /** Immutable. */
    public Image {
        layers = List.copyOf(layers);
        baseLayers = Set.copyOf(baseLayers);
    }

    /** Where a layer came from, by its index from 0. */
    Finding.Origin origin(int layer) {
        boolean isTold = config.instructions().size() == layers.size();
        String instruction = isTold ? Advice.instruction(config.instructions().get(layer)) : "";
        return new Finding.Origin(layers.get(layer).digest(), layer + 1, instruction);
    }
}
