package dev.sheaf.image.arch;

import dev.sheaf.image.arch.Finding.Severity;
import dev.sheaf.image.arch.Ruling.Words;
import dev.sheaf.image.elf.Target;
import dev.sheaf.image.files.ImageFiles.Node;
import dev.sheaf.image.files.Startup;
import dev.sheaf.image.files.Startup.Certainty;
import dev.sheaf.image.files.Startup.Step;
import dev.sheaf.image.layer.FileFacts;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** Judges what an image executes when it starts: here a wrong file is one with which no container runs. */
final class StartupRules {
    private final Ruling ruling;

    private StartupRules(Ruling ruling) {
        this.ruling = ruling;
    }

    /** Judges the steps, and says which paths they were. */
    static Set<String> judge(Ruling ruling) {
        StartupRules rules = new StartupRules(ruling);
        Set<String> seen = new HashSet<>();
        List<Step> steps = Startup.of(ruling.image.config().execution(), ruling.files);
        for (Step step : steps) {
            if (seen.add(step.found().path())) {
                rules.judge(step);
            }
        }
        return seen;
    }

    private void judge(Step step) {
        switch (step.found().node()) {
            case Node.File(FileFacts.Program program, int layer) -> program(step, program, layer);
            case Node.File(FileFacts.Unrunnable file, int layer) ->
                unrunnable(step, layer, "is " + file.what(), "put a program for Linux there");
            case Node.File(FileFacts.Script script, int layer) -> {
                if (script.line().isBlank()) {
                    unrunnable(step, layer, "begins with #! and names no interpreter", "name one, such as #!/bin/sh");
                }
            }
            case Node.File(FileFacts.Symlink _, int layer) -> unrunnable(step, layer, "is a symbolic link", "");
            case Node.Plain(int layer) ->
                unrunnable(step, layer, "may not be executed: its mode has no x", "chmod +x it, or COPY --chmod=755");
            case Node.Shapeless(int layer) -> {
                // A shell and execvp() run such a file as a script; the kernel refuses it.
                if (step.certainty() == Certainty.CERTAIN) {
                    unrunnable(
                            step,
                            layer,
                            "is neither a program nor a script with a #! line",
                            "begin it with a line such as #!/bin/sh");
                }
            }
            case Node.Directory _ -> missing(step, "is a directory");
            case Node.Loop _ -> missing(step, "is a symbolic link that leads to itself");
            case Node.Missing _ -> missing(step, "is not in the image");
        }
    }

    private void program(Step step, FileFacts.Program program, int layer) {
        Target.Fit fit = ruling.target.judge(program.elf());
        boolean isPossible = step.certainty() == Certainty.POSSIBLE;
        switch (fit) {
            case FOREIGN, RELATED -> {
                boolean isSure = step.certainty() == Certainty.CERTAIN || (fit == Target.Fit.FOREIGN && !isPossible);
                add(
                        isSure ? Severity.ERROR : Severity.WARNING,
                        Rule.ENTRYPOINT_ARCHITECTURE,
                        step,
                        layer,
                        new Words(
                                "is " + Advice.an(program.elf().words()) + " program",
                                ruling.isFor(),
                                Advice.forFile(ruling.createdBy(layer), program.elf(), ruling.image.platform())));
            }
            case NEEDS_NEWER_PROCESSOR, RUNS -> {
                if (!program.executable()) {
                    unrunnable(
                            step, layer, "may not be executed: its mode has no x", "chmod +x it, or COPY --chmod=755");
                    return;
                }
                if (program.elf().isCutShort()) {
                    unrunnable(step, layer, "ends before its header says it does", "fetch or copy all of it");
                }
                loader(step, program, layer);
                ProcessorLevel.judge(ruling, program, layer, isPossible ? Severity.NOTE : Severity.ERROR)
                        .ifPresent(ruling::add);
            }
        }
    }

    private void loader(Step step, FileFacts.Program program, int layer) {
        Optional<String> trouble = ruling.loaderTrouble(program.elf());
        trouble.ifPresent(found -> add(
                step.certainty() == Certainty.POSSIBLE ? Severity.WARNING : Severity.ERROR,
                Rule.LOADER_MISSING,
                step,
                layer,
                new Words(found, "", "link it statically, or take a base image with that C library (glibc or musl)")));
    }

    private void unrunnable(Step step, int layer, String found, String fix) {
        if (step.certainty() == Certainty.POSSIBLE) {
            return;
        }
        Severity severity = step.certainty() == Certainty.CERTAIN ? Severity.ERROR : Severity.WARNING;
        add(severity, Rule.ENTRYPOINT_UNRUNNABLE, step, layer, new Words(found, "", fix));
    }

    /** What is not there may be mounted at run time, but nobody mounts the interpreter of a script that is there. */
    private void missing(Step step, String found) {
        if (step.certainty() == Certainty.POSSIBLE) {
            return;
        }
        boolean isInterpreter = step.script().isPresent() && step.certainty() == Certainty.CERTAIN;
        String fix = step.word().endsWith("\r")
                ? "its script has Windows line ends: save it with LF alone"
                : "install it, or correct the " + (step.script().isPresent() ? "#! line" : "ENTRYPOINT or CMD");
        ruling.add(ruling.finding(
                isInterpreter ? Severity.ERROR : Severity.WARNING,
                Rule.ENTRYPOINT_MISSING,
                step.found().path().isEmpty() ? step.word() : step.found().path(),
                OptionalInt.empty(),
                new Words("(" + step.reason() + ") " + found, "", fix)));
    }

    private void add(Severity severity, Rule rule, Step step, int layer, Words words) {
        ruling.add(ruling.finding(
                severity,
                rule,
                step.found().path(),
                OptionalInt.of(layer),
                new Words("(" + step.reason() + ") " + words.found(), words.expected(), words.fix())));
    }
}
