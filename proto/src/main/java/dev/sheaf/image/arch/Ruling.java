package dev.sheaf.image.arch;

import dev.sheaf.image.arch.Finding.Severity;
import dev.sheaf.image.arch.Policy.Exemption;
import dev.sheaf.image.elf.ElfFile;
import dev.sheaf.image.elf.Target;
import dev.sheaf.image.files.ImageFiles;
import dev.sheaf.image.files.ImageFiles.Found;
import dev.sheaf.image.files.ImageFiles.Node;
import dev.sheaf.image.layer.FileFacts;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Predicate;

/** One image while it is judged: what the rules share, and what they found. */
final class Ruling {
    final Image image;
    final Policy policy;
    final Target target;
    final ImageFiles files;
    private final List<Finding> findings = new ArrayList<>();
    /** For this platform, in their order. */
    private final Map<Exemption, Predicate<String>> exemptions = new LinkedHashMap<>();

    private final Set<Exemption> used = new LinkedHashSet<>();
    private final Map<String, Optional<String>> loaders = new HashMap<>();

    Ruling(Image image, Policy policy, Target target) {
        this.image = image;
        this.policy = policy;
        this.target = target;
        this.files = new ImageFiles(image.layers());
        for (Exemption exemption : policy.exemptions()) {
            if (exemption.isFor(image.platform())) {
                exemptions.put(exemption, exemption.paths());
            }
        }
    }

    /** Files what was found; an exception of the policy makes it a note. */
    void add(Finding finding) {
        findings.add(excepted(finding));
    }

    /** The same, unless an exception of the policy makes it a note. */
    Finding excepted(Finding finding) {
        Optional<Exemption> exemption =
                finding.severity() == Severity.NOTE || !finding.subject().startsWith("/")
                        ? Optional.empty()
                        : exemptions.entrySet().stream()
                                .filter(known -> known.getValue().test(finding.subject()))
                                .map(Map.Entry::getKey)
                                .findFirst();
        exemption.ifPresent(used::add);
        return exemption
                .map(found -> finding.withSeverity(
                        Severity.NOTE, "excepted by " + found.pattern() + " because " + found.reason()))
                .orElse(finding);
    }

    Finding finding(Severity severity, Rule rule, String subject, OptionalInt layer, Words words) {
        Optional<Finding.Origin> origin =
                layer.isPresent() ? Optional.of(image.origin(layer.getAsInt())) : Optional.empty();
        return new Finding(
                severity, rule, image.platform(), subject, origin, words.found(), words.expected(), words.fix());
    }

    /** The sentence's parts; see {@link Finding}. */
    record Words(String found, String expected, String fix) {}

    String isFor() {
        return "this image is for " + image.platform();
    }

    String createdBy(int layer) {
        List<String> instructions = image.config().instructions();
        return instructions.size() == image.layers().size() ? instructions.get(layer) : "";
    }

    /** Why the dynamic loader that a program asks for cannot load it; nothing if it can. */
    Optional<String> loaderTrouble(ElfFile elf) {
        return elf.interpreter()
                .flatMap(
                        path -> loaders.computeIfAbsent(path, this::judgeLoader).or(() -> floatTrouble(elf, path)));
    }

    private Optional<String> floatTrouble(ElfFile elf, String path) {
        return files.follow(path).node() instanceof Node.File(FileFacts.Program loader, int _)
                        && elf.isOtherFloat(loader.elf())
                ? Optional.of("is " + elf.words() + " and needs the loader " + path + ", which is "
                        + loader.elf().words() + " here")
                : Optional.empty();
    }

    private Optional<String> judgeLoader(String path) {
        Found found = files.follow(path);
        return switch (found.node()) {
            case Node.File(FileFacts.Program loader, int _) ->
                target.judge(loader.elf()) == Target.Fit.FOREIGN
                        ? Optional.of("needs the loader " + path + ", which is for "
                                + loader.elf().words() + " here")
                        : Optional.empty();
            case Node.Missing _, Node.Loop _ ->
                Optional.of("needs the loader " + path + ", which the image does not have");
            case Node.File _, Node.Plain _, Node.Shapeless _, Node.Directory _ ->
                Optional.of("needs the loader " + path + ", which is no program here");
        };
    }

    List<Finding> findings() {
        return findings;
    }

    Set<Exemption> used() {
        return used;
    }
}
