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
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Publishes in an order that never shows half a build: the index under its digest in every repository, each read back;
 * then the gate; then each tag, read back. A tag that points there already is left alone, so that a repeated call after
 * a broken one does only what is missing.
 */
public final class RegistryIndexPublisher implements IndexPublisher {
    private final RegistryAccess access;

    /** Publishes through this access. */
    public RegistryIndexPublisher(RegistryAccess access) {
        this.access = access;
    }

    @Override
    public Publication publish(BuildSnapshot build, List<ImageReference> tags, Attachments attachments, TagGate gate)
            throws InterruptedException {
        try {
            List<Target> targets = Targets.of(build.request(), attachments, access);
            ImageIndex index = stitch(build, targets.getFirst());
            for (Target target : targets) {
                target.registry().put(target.repository(), index.digest().value(), index.mediaType(), index.bytes());
                target.get(index.digest());
            }
            if (!gate.open()) {
                return new Publication.Abandoned();
            }
            for (ImageReference tag : tags) {
                move(tag, targets, index);
            }
            return new Publication.Published(index.descriptor());
        } catch (RegistryException e) {
            return new Publication.Refused(RegistryFailures.whilePublishing(e));
        } catch (ImageFormatException e) {
            return new Publication.Refused(
                    Failure.of(Failure.Kind.VERIFICATION, "the slices make no index: " + e.getMessage()));
        }
    }

    private static ImageIndex stitch(BuildSnapshot build, Target target)
            throws RegistryException, InterruptedException {
        Map<Platform, SlicePush> pushes = new LinkedHashMap<>();
        for (SliceSnapshot slice : build.slices()) {
            Platform platform = slice.id().platform();
            if (!(slice.state() instanceof SliceState.Built built)) {
                throw new IllegalStateException("slice " + slice.id() + " is not built, and its build is stitched");
            }
            VerifiedSlice image = built.image()
                    .orElseThrow(() -> new IllegalStateException("slice " + slice.id() + " was built without a push"));
            pushes.put(platform, push(image, target));
        }
        Set<Platform> requested = new LinkedHashSet<>(build.request().platforms());
        return ImageIndex.assemble(requested, pushes);
    }

    private static SlicePush push(VerifiedSlice image, Target target) throws RegistryException, InterruptedException {
        Descriptor top = image.pushed();
        if (top.mediaType().isIndex()) {
            return new SlicePush.Index(
                    top, ImageIndex.parse(target.get(top.digest()).bytes()));
        }
        return new SlicePush.Manifest(top);
    }

    private static void move(ImageReference tag, List<Target> targets, ImageIndex index)
            throws RegistryException, InterruptedException {
        Target target = targets.stream()
                .filter(candidate -> candidate.reference().name().equals(tag.name()))
                .findFirst()
                .orElseThrow();
        String name = tag.tag().orElseThrow();
        if (isAt(target, name, index)) {
            return;
        }
        target.registry().put(target.repository(), name, index.mediaType(), index.bytes());
        if (!isAt(target, name, index)) {
            throw new RegistryException.Inconsistent("the tag " + tag + " was moved to " + index.digest()
                    + " and does not point there; somebody else may have moved it at the same time");
        }
    }

    private static boolean isAt(Target target, String tag, ImageIndex index)
            throws RegistryException, InterruptedException {
        return target.registry()
                .head(target.repository(), tag)
                .map(found -> found.digest().equals(index.digest()))
                .orElse(false);
    }
}
