package dev.sheaf.coordinator.publish;

import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.SliceSnapshot;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.dispatch.Attachments;
import dev.sheaf.coordinator.dispatch.IndexPublisher;
import dev.sheaf.coordinator.publish.Targets.Target;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.ImageIndex;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import dev.sheaf.image.SlicePush;
import dev.sheaf.image.registry.RegistryException;
import dev.sheaf.image.registry.RetryPolicy;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Publishes in an order that never shows half a build: everything that the index names is still there; the index under
 * its digest in every repository, each read back; then the gate; then each tag, read back. What is done already is left
 * alone, so that a repeated call after a broken one does only what is missing.
 */
public final class RegistryIndexPublisher implements IndexPublisher {
    /** For one try over all repositories and tags: longer than the longest pause that a registry gets by asking. */
    private static final Duration LIMIT = Duration.ofSeconds(150);

    private static final Logger LOG = LoggerFactory.getLogger(RegistryIndexPublisher.class);

    private final RegistryAccess access;
    private final TagMover mover;
    private final TimeLimit limit;

    /**
     * Publishes through this access; waits with this sleeper between reads of a tag that does not show its move.
     *
     * @param leads whether this coordinator leads, for longer than a request takes to arrive: asked before each tag
     */
    public RegistryIndexPublisher(RegistryAccess access, RetryPolicy.Sleeper sleeper, BooleanSupplier leads) {
        this(access, sleeper, leads, LIMIT);
    }

    RegistryIndexPublisher(RegistryAccess access, RetryPolicy.Sleeper sleeper, BooleanSupplier leads, Duration limit) {
        this.access = access;
        this.mover = new TagMover(sleeper, new TagWriter(leads));
        this.limit = new TimeLimit(limit);
    }

    @Override
    public Publication publish(BuildSnapshot build, List<ImageReference> tags, Attachments attachments, TagGate gate)
            throws InterruptedException {
        List<Target> targets = Targets.of(build.id(), build.request(), attachments, access);
        try {
            return limit.hold("publishing", () -> publish(build, tags, targets, gate));
        } catch (RegistryException e) {
            return RegistryFailures.whilePublishing(e);
        } catch (TagWriter.NotLeadingException e) {
            LOG.warn("build {}: {}", build.id(), e.getMessage());
            return new Publication.Unavailable(Failure.of(Failure.Kind.INFRASTRUCTURE, String.valueOf(e.getMessage())));
        } catch (ImageFormatException e) {
            return new Publication.Refused(
                    Failure.of(Failure.Kind.VERIFICATION, "the slices make no index: " + e.getMessage()));
        }
    }

    private Publication publish(BuildSnapshot build, List<ImageReference> tags, List<Target> targets, TagGate gate)
            throws RegistryException, InterruptedException {
        Map<Platform, String> missing = missing(build, targets);
        if (!missing.isEmpty()) {
            String text = "the registry has lost what was verified there: " + String.join(", ", missing.values())
                    + "; build again, and look at what the registry deletes; no tag was moved";
            return new Publication.Incomplete(List.copyOf(missing.keySet()), Failure.of(Failure.Kind.REGISTRY, text));
        }
        ImageIndex index = stitch(build, targets.getFirst());
        for (Target target : targets) {
            target.registry().put(target.repository(), index.digest().value(), index.mediaType(), index.bytes());
            target.get(index.digest());
        }
        if (!gate.open(index.digest())) {
            return new Publication.Abandoned();
        }
        Optional<Failure> refusal = mover.move(tags, targets, index, gate);
        return refusal.<Publication>map(Publication.Refused::new)
                .orElseGet(() -> new Publication.Published(index.descriptor()));
    }

    /** For each slice of which something has gone since it was verified: what, and where. Sorted by platform. */
    private static Map<Platform, String> missing(BuildSnapshot build, List<Target> targets)
            throws RegistryException, InterruptedException {
        Map<Platform, String> missing = new TreeMap<>();
        for (SliceSnapshot slice : build.slices()) {
            VerifiedSlice image = verified(slice);
            for (Target target : targets) {
                for (Descriptor part : parts(image)) {
                    String digest = part.digest().value();
                    if (target.registry().head(target.repository(), digest).isEmpty()) {
                        Platform platform = slice.id().platform();
                        missing.put(
                                platform, platform + " (" + target.reference().name() + "@" + digest + ")");
                    }
                }
            }
        }
        return missing;
    }

    private static List<Descriptor> parts(VerifiedSlice image) {
        return Stream.concat(
                        Stream.of(image.pushed()),
                        image.manifests().stream()
                                .filter(manifest ->
                                        !manifest.digest().equals(image.pushed().digest())))
                .toList();
    }

    private static ImageIndex stitch(BuildSnapshot build, Target target)
            throws RegistryException, InterruptedException {
        Map<Platform, SlicePush> pushes = new LinkedHashMap<>();
        for (SliceSnapshot slice : build.slices()) {
            pushes.put(slice.id().platform(), push(verified(slice), target));
        }
        Set<Platform> requested = new LinkedHashSet<>(build.request().platforms());
        return ImageIndex.assemble(requested, pushes);
    }

    private static VerifiedSlice verified(SliceSnapshot slice) {
        if (!(slice.state() instanceof SliceState.Built built)) {
            throw new IllegalStateException("slice " + slice.id() + " is not built, and its build is stitched");
        }
        return built.image()
                .orElseThrow(() -> new IllegalStateException("slice " + slice.id() + " was built without a push"));
    }

    private static SlicePush push(VerifiedSlice image, Target target) throws RegistryException, InterruptedException {
        Descriptor top = image.pushed();
        if (top.mediaType().isIndex()) {
            return new SlicePush.Index(
                    top, ImageIndex.parse(target.get(top.digest()).bytes()));
        }
        return new SlicePush.Manifest(top);
    }
}
