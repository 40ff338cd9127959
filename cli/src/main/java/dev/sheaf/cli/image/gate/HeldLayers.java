package dev.sheaf.cli.image.gate;

import dev.sheaf.image.Digest;
import dev.sheaf.image.check.LayerFactsCache;
import dev.sheaf.image.layer.LayerFacts;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/** The layers of one index, so that one that platforms share is read once. Takes no more than a bounded number. */
final class HeldLayers implements LayerFactsCache {
    /** More than any index honestly has. What comes after is read again. */
    private static final int MAX_LAYERS = 2_000;

    private final Map<Digest, LayerFacts> layers = new ConcurrentHashMap<>();

    @Override
    public Optional<LayerFacts> get(Digest layer) {
        return Optional.ofNullable(layers.get(layer));
    }

    @Override
    public void put(LayerFacts facts) {
        if (layers.size() < MAX_LAYERS) {
            layers.put(facts.digest(), facts);
        }
    }
}
