package dev.sheaf.coordinator.gate;

import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.SliceSnapshot;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.dispatch.Attachments;
import dev.sheaf.coordinator.dispatch.IndexPublisher;
import dev.sheaf.coordinator.publish.ReadImages;
import dev.sheaf.coordinator.publish.RegistryAccess;
import dev.sheaf.coordinator.publish.RegistryFailures;
import dev.sheaf.coordinator.publish.Targets;
import dev.sheaf.coordinator.publish.Targets.Target;
import dev.sheaf.coordinator.publish.TimeLimit;
import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.arch.Finding;
import dev.sheaf.image.arch.Finding.Severity;
import dev.sheaf.image.arch.Image;
import dev.sheaf.image.arch.PlatformRules;
import dev.sheaf.image.arch.Policy;
import dev.sheaf.image.check.ImageCheck;
import dev.sheaf.image.registry.RegistryException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Compares a build's platforms with each other before another publisher publishes them: what they were built from, and
 * what is in their images.
 */
public final class ComparingPublisher implements IndexPublisher {
    /** For all platforms: their layers are remembered, unless the memory was lost. */
    private static final Duration LIMIT = Duration.ofMinutes(15);

    private final IndexPublisher next;
    private final RegistryAccess access;
    private final ReadImages images;
    private final ImageCheck check;
    private final TimeLimit limit = new TimeLimit(LIMIT);

    /** Lets {@code next} publish what fits together. */
    public ComparingPublisher(IndexPublisher next, RegistryAccess access, ReadImages images, ImageCheck check) {
        this.next = next;
        this.access = access;
        this.images = images;
        this.check = check;
    }

    @Override
    public Publication publish(BuildSnapshot build, List<ImageReference> tags, Attachments attachments, TagGate gate)
            throws InterruptedException {
        MaterialsComparison materials = MaterialsComparison.of(build);
        if (materials.refusal().isPresent()) {
            return new Publication.Refused(materials.refusal().get());
        }
        materials.notes().forEach(gate::notice);
        return publishFitting(build, tags, attachments, gate);
    }

    private Publication publishFitting(
            BuildSnapshot build, List<ImageReference> tags, Attachments attachments, TagGate gate)
            throws InterruptedException {
        Optional<Policy> policy = build.request().options().policy().filter(set -> set.mode() != Policy.Mode.OFF);
        if (policy.isEmpty() || build.slices().size() < 2) {
            return next.publish(build, tags, attachments, gate);
        }
        Target target = Targets.of(build.id(), build.request(), attachments, access)
                .getFirst(); // the others have the same digests
        List<Finding> findings;
        try {
            findings = limit.hold("comparing the platforms", () -> compare(build, target, policy.get()));
        } catch (RegistryException.NotFound e) {
            return next.publish(build, tags, attachments, gate); // finds out what is missing
        } catch (RegistryException e) {
            return RegistryFailures.whilePublishing(e);
        } catch (ImageFormatException e) {
            return new Publication.Refused(
                    Failure.of(Failure.Kind.VERIFICATION, "the slices cannot be compared: " + e.getMessage()));
        }
        List<Finding> errors = findings.stream()
                .filter(finding -> finding.severity() == Severity.ERROR)
                .toList();
        if (!errors.isEmpty()) {
            return new Publication.Refused(Refusals.of(errors, Optional.empty()));
        }
        findings.forEach(finding -> gate.notice(finding.sentence()));
        return next.publish(build, tags, attachments, gate);
    }

    private List<Finding> compare(BuildSnapshot build, Target target, Policy policy)
            throws RegistryException, InterruptedException {
        List<Image> found = new ArrayList<>();
        for (SliceSnapshot slice : build.slices()) {
            if (slice.state() instanceof SliceState.Built(Optional<VerifiedSlice> image) && image.isPresent()) {
                ImageCheck.Subject subject = new ImageCheck.Subject(
                        target.registry(),
                        target.repository(),
                        images.get(target, image.get().manifests().getFirst().digest()),
                        slice.id().platform(),
                        Set.of());
                check.check(subject, policy).image().ifPresent(found::add);
            }
        }
        return PlatformRules.judge(found, policy);
    }
}
