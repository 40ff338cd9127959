package dev.sheaf.image.arch;

import dev.sheaf.image.Platform;
import dev.sheaf.image.arch.Finding.Severity;
import dev.sheaf.image.arch.Policy.Exemption;
import dev.sheaf.image.arch.Ruling.Words;
import dev.sheaf.image.elf.ElfFile;
import dev.sheaf.image.elf.Target;
import dev.sheaf.image.layer.FileFacts;
import dev.sheaf.image.layer.LayerFacts;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Pattern;

/** All rules about one image. Pure: the same facts always give the same findings. */
public final class ImageRules {
    private static final Pattern SYSTEM = Pattern.compile(
            "^/(usr/)?(lib(64|/[^/]+-linux-[^/]+)?/(ld-[^/]*\\.so[^/]*|libc\\.so\\.6)|bin/(busybox|bash|dash|sh))$");

    private ImageRules() {}

    /** What is to be said about an image, the worst first. */
    public static List<Finding> judge(Image image, Policy policy) {
        if (policy.mode() == Policy.Mode.OFF) {
            return List.of();
        }
        Optional<Target> target = Target.of(image.platform());
        if (target.isEmpty()) {
            List<Finding> findings = new ArrayList<>();
            config(image).ifPresent(findings::add);
            findings.add(new Finding(
                    Severity.NOTE,
                    Rule.CHECK,
                    image.platform(),
                    "the content",
                    Optional.empty(),
                    "was not checked",
                    "Sheaf knows no programs of " + image.platform(),
                    ""));
            return findings;
        }
        Ruling ruling = new Ruling(image, policy, target.get());
        config(image).ifPresent(ruling::add);
        int first = base(ruling);
        Set<String> started = StartupRules.judge(ruling);
        FileRules.judge(ruling, started, first);
        oddities(ruling);
        unused(ruling);
        return ruling.findings().stream()
                .sorted(Comparator.comparing(Finding::severity))
                .toList();
    }

    private static Optional<Finding> config(Image image) {
        Optional<Platform> stated = image.config().platform();
        if (stated.isPresent() && stated.get().equals(image.platform())) {
            return Optional.empty();
        }
        return Optional.of(new Finding(
                Severity.ERROR,
                Rule.CONFIG_PLATFORM,
                image.platform(),
                "the configuration",
                Optional.empty(),
                stated.map(platform -> "states the platform " + platform).orElse("states no platform"),
                "this image is for " + image.platform(),
                Advice.BASE));
    }

    /**
     * A lowest layer that is a whole system of another machine is one mistake, not thousands.
     *
     * @return the first layer whose files are to be judged one by one
     */
    private static int base(Ruling ruling) {
        List<LayerFacts> layers = ruling.image.layers();
        for (int layer = 0; layer < layers.size(); layer++) {
            List<ElfFile> programs = layers.get(layer).files().stream()
                    .filter(FileFacts.Program.class::isInstance)
                    .map(file -> ((FileFacts.Program) file).elf())
                    .toList();
            if (programs.isEmpty()) {
                continue;
            }
            boolean isSystem = layers.get(layer).files().stream()
                    .anyMatch(file -> SYSTEM.matcher(file.path()).find());
            boolean isForeign = programs.stream().allMatch(elf -> switch (ruling.target.judge(elf)) {
                case FOREIGN, RELATED -> true;
                case RUNS, NEEDS_NEWER_PROCESSOR -> false;
            });
            if (!isSystem || !isForeign) {
                return 0;
            }
            ruling.add(ruling.finding(
                    Severity.ERROR,
                    Rule.BASE_ARCHITECTURE,
                    "the base image",
                    OptionalInt.of(layer),
                    new Words(
                            "is a system for " + programs.getFirst().words() + ", with " + programs.size()
                                    + " programs and libraries",
                            ruling.isFor(),
                            Advice.BASE)));
            return layer + 1;
        }
        return 0;
    }

    private static void oddities(Ruling ruling) {
        for (int layer = 0; layer < ruling.image.layers().size(); layer++) {
            for (LayerFacts.Oddity oddity : ruling.image.layers().get(layer).oddities()) {
                ruling.add(ruling.finding(
                        Severity.ERROR,
                        Rule.LAYER_ODD,
                        oddity.path(),
                        OptionalInt.of(layer),
                        new Words(oddity.what(), "", "make this layer again with an engine that writes it cleanly")));
            }
        }
    }

    private static void unused(Ruling ruling) {
        for (Exemption exemption : ruling.policy.exemptions()) {
            boolean isOfThis =
                    exemption.platform().map(ruling.image.platform()::equals).orElse(false);
            if (isOfThis && !ruling.used().contains(exemption)) {
                ruling.add(ruling.finding(
                        Severity.NOTE,
                        Rule.CHECK,
                        "the exception for " + exemption.pattern(),
                        OptionalInt.empty(),
                        new Words("was not needed", "", "remove it")));
            }
        }
    }
}
