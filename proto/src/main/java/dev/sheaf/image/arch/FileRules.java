package dev.sheaf.image.arch;

import dev.sheaf.image.arch.Finding.Severity;
import dev.sheaf.image.arch.Ruling.Words;
import dev.sheaf.image.elf.Machine;
import dev.sheaf.image.elf.Target;
import dev.sheaf.image.layer.FileFacts;
import dev.sheaf.image.layer.LayerFacts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Judges every program and library of the layers that a build added, by where it lies. */
final class FileRules {
    private static final int MAX_LISTED = 10; // of one layer, machine and severity; the rest is counted

    private final Ruling ruling;
    private final List<String> directories;
    private final Set<String> judged;

    private FileRules(Ruling ruling, Set<String> judged) {
        this.ruling = ruling;
        this.judged = judged;
        this.directories = directories(ruling, judged);
    }

    /**
     * @param judged paths that were judged already, as what the image runs at its start
     * @param first index of the first layer to judge
     */
    static void judge(Ruling ruling, Set<String> judged, int first) {
        FileRules rules = new FileRules(ruling, judged);
        for (int layer = first; layer < ruling.image.layers().size(); layer++) {
            LayerFacts facts = ruling.image.layers().get(layer);
            if (!ruling.image.baseLayers().contains(facts.digest())) {
                rules.layer(facts, layer);
            }
        }
    }

    /** Where this image in particular runs programs from: its PATH, its working directory, around its entrypoint. */
    static List<String> directories(Ruling ruling, Set<String> started) {
        List<String> found = new ArrayList<>(ruling.image.config().execution().path());
        found.add(ruling.image.config().execution().workingDirectory());
        for (String path : started) {
            String directory = path.substring(0, Math.max(0, path.lastIndexOf('/')));
            found.add(directory.endsWith("/bin") ? directory.substring(0, directory.length() - 4) : directory);
        }
        found.replaceAll(directory -> directory.replaceAll("/+$", ""));
        // The root and /usr hold everything, also what is never run.
        found.removeIf(directory -> directory.isEmpty() || directory.equals("/usr") || directory.equals("/usr/share"));
        return found.stream().distinct().toList();
    }

    /** Files of one layer that one sentence could be about. */
    private static final class Group {
        private final List<Finding> findings = new ArrayList<>();
        private int more;

        void add(Finding finding) {
            if (findings.size() < MAX_LISTED) {
                findings.add(finding);
            } else {
                more++;
            }
        }
    }

    private void layer(LayerFacts facts, int layer) {
        Map<String, Group> groups = new LinkedHashMap<>();
        for (FileFacts file : facts.files()) {
            if (file instanceof FileFacts.Program program
                    && !judged.contains(program.path())
                    && ruling.files.isVisible(program, layer)) {
                judge(program, layer)
                        .map(ruling::excepted) // before they are counted: a sum has no path that could be excepted
                        .ifPresent(finding -> groups.computeIfAbsent(group(finding, program), _ -> new Group())
                                .add(finding));
            }
        }
        groups.values().forEach(this::report);
    }

    private Optional<Finding> judge(FileFacts.Program program, int layer) {
        return switch (ruling.target.judge(program.elf())) {
            case RUNS -> loader(program, layer);
            case NEEDS_NEWER_PROCESSOR -> ProcessorLevel.judge(ruling, program, layer, Severity.WARNING);
            case RELATED, FOREIGN -> Optional.of(foreign(program, layer, severity(program, ruling, directories)));
        };
    }

    /** What one sentence could be about: files that are wrong in the same way for the same reason. */
    private static String group(Finding finding, FileFacts.Program program) {
        return finding.severity()
                + finding.rule().id()
                + program.elf().words()
                + finding.fix()
                + (finding.rule() == Rule.LOADER_MISSING ? program.elf().interpreter() : "");
    }

    private void report(Group group) {
        Finding first = group.findings.getFirst();
        boolean isExcepted = first.severity() == Severity.NOTE && !first.fix().isEmpty();
        // Files for other platforms, and those that lack one loader, are many: one of them says it.
        boolean isOneEnough = !isExcepted && (first.severity() == Severity.NOTE || first.rule() == Rule.LOADER_MISSING);
        int shown = isOneEnough ? 1 : group.findings.size();
        group.findings.stream().limit(shown).forEach(ruling::add);
        int more = group.more + group.findings.size() - shown;
        if (more > 0) {
            ruling.add(new Finding(
                    first.severity(),
                    first.rule(),
                    first.platform(),
                    more + (more == 1 ? " more file" : " more files") + " like " + first.subject(),
                    first.origin(),
                    more == 1 ? "lies in the same layer" : "lie in the same layer",
                    "",
                    isExcepted ? first.fix() : ""));
        }
    }

    private Finding foreign(FileFacts.Program program, int layer, Severity severity) {
        String noun = Places.isLibrary(program) ? " library" : " program";
        boolean isNote = severity == Severity.NOTE;
        return ruling.finding(
                severity,
                Rule.FILE_ARCHITECTURE,
                program.path(),
                OptionalInt.of(layer),
                new Words(
                        "is " + Advice.an(program.elf().words()) + noun + (isNote ? " kept for other platforms" : ""),
                        ruling.isFor(),
                        isNote ? "" : Advice.forFile(ruling.createdBy(layer), program.elf(), ruling.image.platform())));
    }

    /** How bad a file of another machine is where it lies. */
    static Severity severity(FileFacts.Program program, Ruling ruling, List<String> directories) {
        String path = program.path();
        Machine machine = program.elf().machine();
        boolean isRelated = ruling.target.judge(program.elf()) == Target.Fit.RELATED;
        if (Places.isNeverRun(path) || Places.hasSibling(path, machine, ruling.target, ruling.files)) {
            return Severity.NOTE;
        }
        boolean isStrict = ruling.policy.mode() == Policy.Mode.STRICT;
        boolean isRun = Places.isRunFrom(path, directories) && (program.executable() || Places.isLibrary(program));
        if (isRun && !isRelated && !Places.isDirectoryNamed(path, machine)) {
            return isStrict ? Severity.ERROR : Severity.WARNING;
        }
        return isStrict ? Severity.WARNING : Severity.NOTE;
    }

    private Optional<Finding> loader(FileFacts.Program program, int layer) {
        if (!program.executable() || Places.isNeverRun(program.path()) || Places.isLibrary(program)) {
            return Optional.empty();
        }
        return ruling.loaderTrouble(program.elf())
                .map(found -> ruling.finding(
                        Severity.WARNING,
                        Rule.LOADER_MISSING,
                        program.path(),
                        OptionalInt.of(layer),
                        new Words(found, "", "link it statically, or install that C library (glibc or musl)")));
    }
}
