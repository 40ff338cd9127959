package dev.sheaf.coordinator.gate;

import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.build.VerifiedSlice.Materials;
import dev.sheaf.coordinator.context.BlobStore;
import dev.sheaf.coordinator.dispatch.Attachments;
import dev.sheaf.coordinator.dispatch.SliceVerifier;
import dev.sheaf.coordinator.publish.RegistryAccess;
import dev.sheaf.coordinator.publish.RegistryFailures;
import dev.sheaf.coordinator.publish.Targets;
import dev.sheaf.coordinator.publish.Targets.Target;
import dev.sheaf.coordinator.publish.TimeLimit;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.ImageManifest;
import dev.sheaf.image.registry.RegistryException;
import java.time.Duration;
import java.util.Optional;

/**
 * Adds to what another verifier has found what the slice was built from, where not all of it was pinned when the build
 * was submitted: it is in the provenance that the engine pushed. That costs one manifest and one small blob.
 */
public final class MaterialsVerifier implements SliceVerifier {
    /** Of provenance, in bytes: that of a large Dockerfile with everything in it (mode=max) has some 100 KB. */
    private static final int MAX_BYTES = 4 * 1024 * 1024;

    private static final Duration LIMIT = Duration.ofSeconds(150); // as for the verifier before

    private final SliceVerifier next;
    private final RegistryAccess access;
    private final BlobStore contexts;
    private final TimeLimit limit = new TimeLimit(LIMIT);

    /** Adds to what {@code next} has verified. */
    public MaterialsVerifier(SliceVerifier next, RegistryAccess access, BlobStore contexts) {
        this.next = next;
        this.access = access;
        this.contexts = contexts;
    }

    @Override
    public Verdict verify(BuildRequest request, SliceId slice, Digest pushed, Attachments attachments)
            throws InterruptedException {
        Verdict verdict = next.verify(request, slice, pushed, attachments);
        if (!(verdict instanceof Verdict.Verified(VerifiedSlice image))
                || Pins.areComplete(request, slice.platform(), contexts)) {
            return verdict;
        }
        Target target =
                Targets.of(slice.build(), request, attachments, access).getFirst(); // the others have the same digests
        try {
            return new Verdict.Verified(
                    image.with(limit.hold("reading the provenance of " + pushed, () -> read(image, target))));
        } catch (RegistryException e) {
            return RegistryFailures.whileVerifying(e, slice.platform());
        }
    }

    private static Materials read(VerifiedSlice image, Target target) throws RegistryException, InterruptedException {
        for (Descriptor manifest : image.manifests()) {
            if (manifest.isAttestation()) {
                try {
                    Optional<Descriptor> statement =
                            ImageManifest.parse(target.get(manifest.digest()).bytes()).layers().stream()
                                    .filter(Provenance::isProvenance)
                                    .findFirst();
                    if (statement.isPresent()) {
                        return Provenance.materials(target.registry()
                                .whole(target.repository(), statement.get(), "the provenance", MAX_BYTES));
                    }
                } catch (ImageFormatException e) {
                    return Materials.unknown("its provenance cannot be read: " + e.getMessage());
                }
            }
        }
        return Materials.unknown("it was pushed without provenance");
    }
}
