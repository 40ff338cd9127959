package dev.sheaf.image.check;

import dev.sheaf.image.Digest;
import dev.sheaf.image.layer.LayerFacts;
import java.util.Optional;

/** Remembers layers that were read. May forget; is called by several threads at once. */
public interface LayerFactsCache {
    /** What was put under this digest, if it is still there. */
    Optional<LayerFacts> get(Digest layer);

    /** Remembers a layer that was read to its end and verified. */
    void put(LayerFacts facts);

    /** Remembers nothing. */
    static LayerFactsCache none() {
        return new LayerFactsCache() {
            @Override
            public Optional<LayerFacts> get(Digest layer) {
                return Optional.empty();
            }

            @Override
            public void put(LayerFacts facts) {
                // That is what none means.
            }
        };
    }
}
