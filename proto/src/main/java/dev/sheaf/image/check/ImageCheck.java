package dev.sheaf.image.check;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.ImageManifest;
import dev.sheaf.image.Platform;
import dev.sheaf.image.arch.Finding;
import dev.sheaf.image.arch.Finding.Severity;
import dev.sheaf.image.arch.Image;
import dev.sheaf.image.arch.ImageRules;
import dev.sheaf.image.arch.Policy;
import dev.sheaf.image.arch.Rule;
import dev.sheaf.image.layer.LayerFacts;
import dev.sheaf.image.layer.LayerFormatException;
import dev.sheaf.image.layer.LayerLimits;
import dev.sheaf.image.layer.LayerReader;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RegistryException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Reads the layers of an image from a registry, one after the other as streams, and has it judged. What the registry
 * cannot deliver is a {@link RegistryException}, never a verdict; what it delivers and nobody can read is an error among
 * the findings. Calls block as long as the layers take to come: whoever calls sets the time limit, by interrupting.
 */
public final class ImageCheck {
    /** More than any engine can mount over each other. */
    private static final int MAX_LAYERS = 1_000;

    private final LayerFactsCache cache;
    private final LayerLimits limits;
    private final InstantSource clock;

    /** Remembers layers in this cache; refuses those beyond these limits; measures by this clock. */
    public ImageCheck(LayerFactsCache cache, LayerLimits limits, InstantSource clock) {
        this.cache = cache;
        this.limits = limits;
        this.clock = clock;
    }

    /**
     * An image in a registry.
     *
     * @param repository where its layers are
     * @param platform that it is for
     * @param baseLayers those that its base image brought, if that is known; else empty
     */
    public record Subject(
            Registry registry, String repository, ImageDocuments image, Platform platform, Set<Digest> baseLayers) {
        /** Immutable. */
        public Subject {
            baseLayers = Set.copyOf(baseLayers);
        }
    }

    /** What one check has cost so far. */
    private static final class Cost {
        private long bytes;
        private int read;
        private int remembered;
    }

    /**
     * Checks one image. Mode off reads nothing.
     *
     * @throws ImageFormatException if the image has more layers than any engine takes
     */
    public CheckReport check(Subject subject, Policy policy) throws RegistryException, InterruptedException {
        Cost cost = new Cost();
        var start = clock.instant();
        if (policy.mode() == Policy.Mode.OFF) {
            return new CheckReport(subject.image().digest(), Optional.empty(), List.of(), 0, 0, 0, Duration.ZERO);
        }
        ImageManifest manifest = subject.image().manifest();
        if (manifest.layers().size() > MAX_LAYERS) {
            throw new ImageFormatException("the manifest " + subject.image().digest() + " has "
                    + manifest.layers().size() + " layers, more than the " + MAX_LAYERS + " that are allowed");
        }
        List<LayerFacts> layers = new ArrayList<>();
        List<Finding> unreadable = new ArrayList<>();
        for (Descriptor layer : manifest.layers()) {
            try {
                layers.add(layer(subject, layer, cost));
            } catch (LayerFormatException e) {
                unreadable.add(unreadable(subject, layer, layers.size() + unreadable.size() + 1, e));
            }
        }
        Optional<Image> image = unreadable.isEmpty()
                ? Optional.of(new Image(
                        subject.platform(),
                        subject.image().config(),
                        layers,
                        subject.baseLayers(),
                        manifest.layersSize()))
                : Optional.empty();
        List<Finding> findings =
                image.map(readable -> ImageRules.judge(readable, policy)).orElse(unreadable);
        return new CheckReport(
                subject.image().digest(),
                image,
                findings,
                cost.bytes,
                cost.read,
                cost.remembered,
                Duration.between(start, clock.instant()));
    }

    private LayerFacts layer(Subject subject, Descriptor layer, Cost cost)
            throws RegistryException, InterruptedException, LayerFormatException {
        Optional<LayerFacts> known = cache.get(layer.digest());
        if (known.isPresent()) {
            cost.remembered++;
            return known.get();
        }
        if (layer.size() > limits.compressedBytes()) {
            throw new LayerFormatException("it has " + layer.size() + " bytes, more than " + limits.compressedBytes()
                    + " (limit compressedBytes)");
        }
        cost.read++;
        SizedStream in = new SizedStream(subject.registry().blob(subject.repository(), layer.digest()), layer);
        try (in) {
            LayerFacts facts = LayerReader.read(layer.digest(), in, limits);
            cache.put(facts);
            return facts;
        } catch (IOException e) {
            throw failure(subject, layer, e);
        } finally {
            cost.bytes += in.bytes();
        }
    }

    private static RegistryException failure(Subject subject, Descriptor content, IOException found)
            throws InterruptedException {
        if (found instanceof InterruptedIOException || Thread.interrupted()) {
            throw new InterruptedException("reading " + content.digest() + " was interrupted");
        }
        return found instanceof RegistryException failure
                ? failure
                : new RegistryException.Unavailable("reading " + content.digest() + " from "
                        + subject.registry().host() + "/" + subject.repository() + " broke off: " + found.getMessage());
    }

    private static Finding unreadable(Subject subject, Descriptor layer, int number, LayerFormatException found) {
        return new Finding(
                Severity.ERROR,
                Rule.LAYER_UNREADABLE,
                subject.platform(),
                "the layer " + layer.digest(),
                Optional.of(new Finding.Origin(layer.digest(), number, "")),
                "cannot be checked: " + found.getMessage(),
                "",
                "");
    }
}
