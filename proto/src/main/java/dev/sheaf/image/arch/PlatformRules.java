package dev.sheaf.image.arch;

import dev.sheaf.image.Digest;
import dev.sheaf.image.arch.Finding.Severity;
import dev.sheaf.image.elf.Target;
import dev.sheaf.image.layer.FileFacts;
import dev.sheaf.image.layer.LayerFacts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Rules about the images of one index, all platforms together. Pure. */
public final class PlatformRules {
    private static final int SIZE_FACTOR = 3;
    private static final long SIZE_DIFFERENCE = 50L << 20; // bytes; below this a factor says nothing

    private PlatformRules() {}

    /** What is to be said about images that one tag will name. */
    public static List<Finding> judge(List<Image> images, Policy policy) {
        if (policy.mode() == Policy.Mode.OFF) {
            return List.of();
        }
        List<Finding> findings = new ArrayList<>();
        Map<Digest, Image> seen = new HashMap<>();
        Set<Digest> told = new HashSet<>();
        for (Image image : images) {
            for (int layer = 0; layer < image.layers().size(); layer++) {
                LayerFacts facts = image.layers().get(layer);
                Image other = seen.putIfAbsent(facts.digest(), image);
                if (other != null && !isSameCode(other, image) && !told.contains(facts.digest())) {
                    Optional<Finding> shared = shared(other, image, layer, policy);
                    shared.ifPresent(found -> told.add(facts.digest()));
                    shared.ifPresent(findings::add);
                }
            }
        }
        size(images).ifPresent(findings::add);
        return findings;
    }

    private static boolean isSameCode(Image one, Image other) {
        Optional<Target> target = Target.of(one.platform());
        return target.isPresent()
                && Target.of(other.platform()).map(target.get()::isSameCode).orElse(false);
    }

    /** The worst file of a layer that two platforms have in common: it runs on one of them at most. */
    private static Optional<Finding> shared(Image one, Image other, int layer, Policy policy) {
        Optional<Finding> worst = Optional.empty();
        for (Image image : List.of(one, other)) {
            Optional<Target> target = Target.of(image.platform());
            if (target.isEmpty()) {
                continue;
            }
            Ruling ruling = new Ruling(image, policy, target.get());
            Set<String> started = StartupRules.judge(ruling);
            List<String> directories = FileRules.directories(ruling, started);
            for (FileFacts file : other.layers().get(layer).files()) {
                if (!(file instanceof FileFacts.Program program)
                        || target.get().judge(program.elf()) == Target.Fit.RUNS
                        || target.get().judge(program.elf()) == Target.Fit.NEEDS_NEWER_PROCESSOR
                        || policy.exemption(program.path(), image.platform()).isPresent()) {
                    continue;
                }
                Severity severity = started.contains(program.path())
                        ? Severity.ERROR
                        : FileRules.severity(program, ruling, directories);
                if (severity != Severity.NOTE
                        && worst.map(found -> severity.compareTo(found.severity()) < 0)
                                .orElse(true)) {
                    worst = Optional.of(finding(severity, one, other, layer, program));
                }
            }
        }
        return worst;
    }

    private static Finding finding(Severity severity, Image one, Image other, int layer, FileFacts.Program program) {
        return new Finding(
                severity,
                Rule.SHARED_LAYER,
                other.platform(),
                program.path(),
                Optional.of(other.origin(layer)),
                "is " + Advice.an(program.elf().words()) + (Places.isLibrary(program) ? " library" : " program"),
                "its layer is the same in the images for " + one.platform() + " and " + other.platform(),
                "build or fetch it for each platform; the same file cannot run on both");
    }

    private static Optional<Finding> size(List<Image> images) {
        Image least = null;
        Image most = null;
        for (Image image : images) {
            least = least == null || image.compressedBytes() < least.compressedBytes() ? image : least;
            most = most == null || image.compressedBytes() > most.compressedBytes() ? image : most;
        }
        if (least == null
                || most == null
                || most.compressedBytes() - least.compressedBytes() < SIZE_DIFFERENCE
                || most.compressedBytes() / SIZE_FACTOR < least.compressedBytes()) {
            return Optional.empty();
        }
        return Optional.of(new Finding(
                Severity.NOTE,
                Rule.SIZE,
                most.platform(),
                "the image for " + most.platform(),
                Optional.empty(),
                "has " + megabytes(most) + " MB",
                "the one for " + least.platform() + " has " + megabytes(least) + " MB",
                "see whether one of them lacks something, or has too much"));
    }

    private static long megabytes(Image image) {
        return image.compressedBytes() / 1_000_000;
    }
}
