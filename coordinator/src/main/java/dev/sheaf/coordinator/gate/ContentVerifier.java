package dev.sheaf.coordinator.gate;

import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.build.VerifiedSlice.ContentReport;
import dev.sheaf.coordinator.context.BlobStore;
import dev.sheaf.coordinator.dispatch.Attachments;
import dev.sheaf.coordinator.dispatch.SliceVerifier;
import dev.sheaf.coordinator.publish.ReadImages;
import dev.sheaf.coordinator.publish.RegistryAccess;
import dev.sheaf.coordinator.publish.RegistryFailures;
import dev.sheaf.coordinator.publish.Targets;
import dev.sheaf.coordinator.publish.Targets.Target;
import dev.sheaf.coordinator.publish.TimeLimit;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.Platform;
import dev.sheaf.image.arch.Finding;
import dev.sheaf.image.arch.Finding.Severity;
import dev.sheaf.image.arch.Policy;
import dev.sheaf.image.check.CheckReport;
import dev.sheaf.image.check.ImageCheck;
import dev.sheaf.image.check.ImageDocuments;
import dev.sheaf.image.registry.RegistryException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Semaphore;

/**
 * Looks into what another verifier found to be there: what the image executes, and what the build put into it, must be
 * for the slice's platform. Nothing of this is an agent's fault.
 */
public final class ContentVerifier implements SliceVerifier {
    /** Images read at a time: each takes a connection, a processor and some megabytes. */
    private static final int AT_A_TIME = 4;

    /** For one image: time enough for 50 GB from a registry near by. */
    private static final Duration LIMIT = Duration.ofMinutes(15);

    private final SliceVerifier next;
    private final RegistryAccess access;
    private final ReadImages images;
    private final ImageCheck check;
    private final BlobStore contexts;
    private final Semaphore places = new Semaphore(AT_A_TIME, true);
    private final TimeLimit limit = new TimeLimit(LIMIT);

    /** Looks into what {@code next} has verified, and has left among these images. */
    public ContentVerifier(
            SliceVerifier next, RegistryAccess access, ReadImages images, ImageCheck check, BlobStore contexts) {
        this.next = next;
        this.access = access;
        this.images = images;
        this.check = check;
        this.contexts = contexts;
    }

    @Override
    public Verdict verify(BuildRequest request, SliceId slice, Digest pushed, Attachments attachments)
            throws InterruptedException {
        Verdict verdict = next.verify(request, slice, pushed, attachments);
        if (!(verdict instanceof Verdict.Verified(VerifiedSlice image))
                || request.options().policy().isEmpty()) {
            return verdict;
        }
        Policy policy = request.options().policy().get();
        if (policy.mode() == Policy.Mode.OFF) {
            return new Verdict.Verified(
                    image.with(new ContentReport(policy.mode(), List.of(), 0, 0, 0, Duration.ZERO)));
        }
        Target target =
                Targets.of(slice.build(), request, attachments, access).getFirst(); // the others have the same digests
        places.acquire();
        try {
            return limit.hold("checking the content of " + pushed, () -> check(request, slice, image, target));
        } catch (RegistryException e) {
            return RegistryFailures.whileVerifying(e, slice.platform());
        } catch (ImageFormatException e) {
            return RegistryFailures.wrong(String.valueOf(e.getMessage()), slice.platform());
        } finally {
            places.release();
        }
    }

    private Verdict check(BuildRequest request, SliceId slice, VerifiedSlice verified, Target target)
            throws RegistryException, InterruptedException {
        Policy policy = request.options().policy().orElseThrow();
        Platform platform = slice.platform();
        ImageDocuments image =
                images.get(target, verified.manifests().getFirst().digest());
        Optional<Source> source =
                Source.of(request, platform, contexts, image.config().history());
        Set<Digest> base = source.isEmpty()
                ? Set.of()
                : source.get().baseLayers(image.manifest().layers());
        ImageCheck.Subject subject =
                new ImageCheck.Subject(target.registry(), target.repository(), image, platform, base);
        CheckReport report = check.check(subject, policy);
        if (!report.errors().isEmpty()) {
            return new Verdict.Refused(Refusals.of(report.errors(), source).on(platform));
        }
        return new Verdict.Verified(verified.with(new ContentReport(
                policy.mode(),
                notes(report.findings()),
                report.bytesRead(),
                report.layersRead(),
                report.layersRemembered(),
                report.took())));
    }

    private static List<String> notes(List<Finding> findings) {
        List<String> notes = new ArrayList<>();
        for (Finding finding : findings) {
            if (notes.size() == ContentReport.MAX_NOTES - 1 && findings.size() > ContentReport.MAX_NOTES) {
                notes.add("note: " + (findings.size() - notes.size()) + " more are left out");
                break;
            }
            notes.add(word(finding.severity()) + ": " + finding.sentence());
        }
        return notes;
    }

    private static String word(Severity severity) {
        return severity.name().toLowerCase(Locale.ROOT);
    }
}
