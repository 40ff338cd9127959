package dev.sheaf.cli.lint;

import dev.sheaf.cli.lint.Finding.Severity;
import dev.sheaf.dockerfile.BuildGraph;
import dev.sheaf.dockerfile.DockerfileException;
import dev.sheaf.dockerfile.Instruction;
import dev.sheaf.dockerfile.Stage;
import dev.sheaf.dockerfile.Variables;
import dev.sheaf.image.Platform;
import dev.sheaf.image.elf.ElfFile;
import dev.sheaf.image.elf.ElfReader;
import dev.sheaf.image.elf.Target;
import dev.sheaf.image.elf.Target.Fit;
import java.io.IOException;
import java.io.InputStream;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Programs in the context that a COPY takes to platforms which cannot run them. */
final class CopiedPrograms {
    static final String FOREIGN = "foreign-program";

    /** The most files whose first bytes are read. */
    static final int MAX_FILES = 10_000;

    private static final int ELF_MAGIC = 4; // bytes

    private static final Pattern LIBRARY = Pattern.compile(".*\\.(?:so|so\\.[0-9.]+|node)");

    private final Subject subject;
    private final List<ContextFile> files;
    private final Consumer<Finding> findings;
    private final Map<String, Optional<ElfFile>> read = new HashMap<>(); // by path

    CopiedPrograms(Subject subject, List<ContextFile> files, Consumer<Finding> findings) {
        this.subject = subject;
        this.files = files;
        this.findings = findings;
    }

    /** A program, and the platforms that get it and cannot run it. */
    private record Foreign(String path, String architecture, boolean isNamed, Set<Platform> platforms) {}

    /** A step that copies, and whether what it copies ends up in the image by itself. */
    private record Copy(Instruction step, boolean isInImage) {}

    void check() {
        Map<Copy, Foreign> found = new LinkedHashMap<>();
        subject.graphs().forEach((platform, graph) -> {
            for (Stage stage : graph.stages()) {
                Map<String, String> values = values(stage, graph, platform);
                for (Instruction step : stage.instructions()) {
                    learn(step, values, platform);
                    Copy copy = new Copy(step, subject.isInImage(stage));
                    copied(step, values, platform).ifPresent(one -> found.merge(copy, one, CopiedPrograms::both));
                }
            }
        });
        found.forEach((copy, foreign) -> {
            boolean isSure = foreign.isNamed() && copy.isInImage();
            findings.accept(Finding.at(
                    copy.step(),
                    FOREIGN,
                    isSure ? Severity.ERROR : Severity.WARNING,
                    foreign.path() + " of the context is a program for " + foreign.architecture() + ", and "
                            + Subject.words(foreign.platforms()) + " gets it too",
                    "build it in a stage, or keep one for each platform and copy it by ${TARGETARCH}"));
        });
    }

    private static Foreign both(Foreign one, Foreign other) {
        Set<Platform> platforms = new TreeSet<>(one.platforms());
        platforms.addAll(other.platforms());
        return new Foreign(one.path(), one.architecture(), one.isNamed() || other.isNamed(), platforms);
    }

    private Map<String, String> values(Stage stage, BuildGraph graph, Platform platform) {
        Map<String, String> values = new HashMap<>();
        graph.parents(stage).forEach(parent -> parent.instructions().forEach(step -> learn(step, values, platform)));
        return values;
    }

    private void learn(Instruction step, Map<String, String> values, Platform platform) {
        if (!step.is("ARG") && !step.is("ENV")) {
            return;
        }
        for (Instruction.Assignment set : step.assignments()) {
            boolean isDefault = step.is("ENV") || (set.value().isPresent() && !subject.isGiven(set.name()));
            Optional<String> value = isDefault
                    ? set.value().map(written -> expand(written, values))
                    : subject.scope(platform).argument(subject.file(), set.name());
            value.ifPresent(known -> values.put(set.name(), known));
        }
    }

    private String expand(String written, Map<String, String> values) {
        try {
            return Variables.expand(written, subject.file().escape(), name -> Optional.ofNullable(values.get(name)));
        } catch (DockerfileException _) {
            return ""; // the engine says what is wrong with it
        }
    }

    /** The first foreign program that the step takes, if it takes none of the platform's own. */
    private Optional<Foreign> copied(Instruction step, Map<String, String> values, Platform platform) {
        boolean copies =
                (step.is("COPY") || step.is("ADD")) && step.flag("from").isEmpty();
        List<String> words = step.words();
        if (!copies || words.size() < 2) {
            return Optional.empty();
        }
        Optional<Foreign> first = Optional.empty();
        for (String word : words.subList(0, words.size() - 1)) {
            String source = expand(word, values);
            if (word.contains("://") || word.startsWith("<<") || source.isEmpty()) {
                continue;
            }
            boolean hasOwn = false;
            Optional<Foreign> foreign = Optional.empty();
            for (ContextFile file : taken(source)) {
                boolean isNamed = file.path().equals(normal(source));
                Optional<ElfFile> program = program(file, isNamed);
                Optional<Fit> fit = program.flatMap(elf -> Target.of(platform).map(target -> target.judge(elf)));
                hasOwn |= fit.filter(found -> found == Fit.RUNS).isPresent();
                if (foreign.isEmpty()
                        && fit.filter(found -> found == Fit.FOREIGN).isPresent()) {
                    foreign = program.map(
                            elf -> new Foreign(file.path(), elf.words(), isNamed, new TreeSet<>(Set.of(platform))));
                }
            }
            if (first.isEmpty() && !hasOwn) {
                first = foreign;
            }
        }
        return first;
    }

    private List<ContextFile> taken(String source) {
        String path = normal(source);
        if (path.isEmpty()) {
            return files;
        }
        if (path.indexOf('*') < 0 && path.indexOf('?') < 0 && path.indexOf('[') < 0) {
            return files.stream()
                    .filter(file -> file.path().equals(path) || file.path().startsWith(path + "/"))
                    .toList();
        }
        try {
            Pattern pattern = Pattern.compile(glob(path) + "(?:/.*)?");
            return files.stream()
                    .filter(file -> pattern.matcher(file.path()).matches())
                    .toList();
        } catch (PatternSyntaxException _) {
            return List.of();
        }
    }

    private static String normal(String source) {
        return source.replaceFirst("^(?:\\.?/)+", "").replaceFirst("/+$", "").replaceFirst("^\\.$", "");
    }

    private static String glob(String path) {
        StringBuilder expression = new StringBuilder();
        for (int at = 0; at < path.length(); at++) {
            char c = path.charAt(at);
            switch (c) {
                case '*' -> expression.append("[^/]*");
                case '?' -> expression.append("[^/]");
                case '[', ']', '-', '^' -> expression.append(c);
                default -> expression.append(Pattern.quote(String.valueOf(c)));
            }
        }
        return expression.toString();
    }

    /** A program or library; nothing for other files, and for those beyond the limit. */
    private Optional<ElfFile> program(ContextFile file, boolean isNamed) {
        if (!isNamed && !file.isExecutable() && !LIBRARY.matcher(file.path()).matches()) {
            return Optional.empty();
        }
        if (read.size() >= MAX_FILES) {
            return read.getOrDefault(file.path(), Optional.empty());
        }
        return read.computeIfAbsent(file.path(), _ -> {
            try (InputStream in = file.opener().open()) {
                byte[] start = in.readNBytes(ELF_MAGIC);
                return ElfReader.isElf(start) ? ElfReader.read(start, in, file.size()) : Optional.empty();
            } catch (IOException _) {
                return Optional.empty(); // damaged, or the upload says what is wrong with it
            }
        });
    }
}
