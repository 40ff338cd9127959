package dev.sheaf.coordinator.publish;

import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.dispatch.Attachments;
import dev.sheaf.coordinator.dispatch.SliceVerifier;
import dev.sheaf.coordinator.publish.Targets.Target;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.ImageIndex;
import dev.sheaf.image.Platform;
import dev.sheaf.image.check.ImageDocuments;
import dev.sheaf.image.registry.ManifestContent;
import dev.sheaf.image.registry.RegistryException;
import dev.sheaf.image.registry.RetryPolicy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * Verifies by reading: in every repository that the build pushes to, the manifest behind the digest that the agent
 * named, its attestations, and the config inside, which must state the platform that the slice is for. What the agent
 * said is used for nothing but the first question.
 */
public final class RegistrySliceVerifier implements SliceVerifier {
    /** A registry with replicas may show a push late: it is asked so often before "not there" is believed. */
    private static final int READS = 3;

    private static final Duration FIRST_PAUSE = Duration.ofMillis(500);

    /** For one try over all repositories: longer than the longest pause that a registry gets by asking. */
    private static final Duration LIMIT = Duration.ofSeconds(150);

    private final RegistryAccess access;
    private final ReadImages images;
    private final RetryPolicy.Sleeper sleeper;
    private final TimeLimit limit;

    /**
     * Reads through this access; waits with this sleeper between reads of what is not there yet.
     *
     * @param images where what was read is left for others; nothing is taken from there
     */
    public RegistrySliceVerifier(RegistryAccess access, ReadImages images, RetryPolicy.Sleeper sleeper) {
        this(access, images, sleeper, LIMIT);
    }

    RegistrySliceVerifier(RegistryAccess access, ReadImages images, RetryPolicy.Sleeper sleeper, Duration limit) {
        this.access = access;
        this.images = images;
        this.sleeper = sleeper;
        this.limit = new TimeLimit(limit);
    }

    @Override
    public Verdict verify(BuildRequest request, SliceId slice, Digest pushed, Attachments attachments)
            throws InterruptedException {
        List<Target> targets = Targets.of(slice.build(), request, attachments, access);
        try {
            return limit.hold("reading back " + pushed, () -> read(targets, pushed, slice.platform()));
        } catch (RegistryException e) {
            return RegistryFailures.whileVerifying(e, slice.platform());
        } catch (ImageFormatException e) {
            return RegistryFailures.wrong(String.valueOf(e.getMessage()), slice.platform());
        }
    }

    private Verdict read(List<Target> targets, Digest pushed, Platform platform)
            throws RegistryException, InterruptedException {
        List<VerifiedSlice> found = new ArrayList<>();
        for (Target target : targets) {
            found.add(patiently(target, pushed, platform));
        }
        return new Verdict.Verified(found.getFirst());
    }

    private VerifiedSlice patiently(Target target, Digest pushed, Platform platform)
            throws RegistryException, InterruptedException {
        Duration pause = FIRST_PAUSE;
        for (int read = 1; ; read++) {
            try {
                return read(target, pushed, platform);
            } catch (RegistryException.NotFound e) {
                if (read == READS) {
                    throw e;
                }
                sleeper.sleep(pause);
                pause = pause.multipliedBy(2);
            }
        }
    }

    private VerifiedSlice read(Target target, Digest pushed, Platform platform)
            throws RegistryException, InterruptedException {
        ManifestContent top = target.get(pushed);
        if (top.mediaType().isManifest()) {
            Digest config = verifyImage(target, top, platform);
            return new VerifiedSlice(
                    top.descriptor(), config, List.of(top.descriptor().withPlatform(platform)));
        }
        if (!top.mediaType().isIndex()) {
            throw new ImageFormatException(target.reference().name() + "@" + pushed
                    + " is neither an image nor an index but " + top.mediaType());
        }
        return readIndex(target, top, platform);
    }

    private VerifiedSlice readIndex(Target target, ManifestContent top, Platform platform)
            throws RegistryException, InterruptedException {
        ImageIndex index = ImageIndex.parse(top.bytes());
        List<Descriptor> images = index.runnable();
        if (images.size() != 1) {
            throw new ImageFormatException(target.reference().name() + "@" + top.digest() + " holds " + images.size()
                    + " images, and a slice is exactly one");
        }
        Descriptor image = images.getFirst();
        Digest config = verifyImage(target, entry(target, image), platform);
        List<Descriptor> manifests = new ArrayList<>();
        manifests.add(image.withPlatform(platform));
        for (Descriptor other : index.entries()) {
            if (!other.digest().equals(image.digest())) {
                entry(target, other);
                manifests.add(other);
            }
        }
        return new VerifiedSlice(top.descriptor(), config, manifests);
    }

    /** What an entry of an index points at, and that it is what the entry says. */
    private static ManifestContent entry(Target target, Descriptor stated)
            throws RegistryException, InterruptedException {
        ManifestContent content = target.get(stated.digest());
        if (!content.descriptor().isSameContent(stated)) {
            throw new ImageFormatException(target.reference().name() + "@" + stated.digest() + " is "
                    + content.mediaType()
                    + " of " + content.descriptor().size() + " bytes, and its index says " + stated.mediaType() + " of "
                    + stated.size());
        }
        return content;
    }

    private Digest verifyImage(Target target, ManifestContent manifest, Platform platform)
            throws RegistryException, InterruptedException {
        String name = target.reference().name() + "@" + manifest.digest();
        ImageDocuments image = images.read(target, manifest);
        Platform found = image.config()
                .platform()
                .orElseThrow(() -> new ImageFormatException(name + " states in its config no platform, and " + platform
                        + " was asked for; see what its base image is"));
        if (!found.equals(platform)) {
            throw new ImageFormatException(name + " is an image for " + found + ", and " + platform
                    + " was asked for; see whether its base image is named by the digest of one platform");
        }
        return image.manifest().config().digest();
    }
}
