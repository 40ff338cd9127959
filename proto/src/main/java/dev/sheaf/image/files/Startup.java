package dev.sheaf.image.files;

import dev.sheaf.image.ImageConfig;
import dev.sheaf.image.files.ImageFiles.Found;
import dev.sheaf.image.files.ImageFiles.Node;
import dev.sheaf.image.layer.FileFacts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Finds what a container of an image executes when it starts: as the runtime looks up its first word, as the kernel
 * reads {@code #!} lines, and through the wrappers whose next word is a program without doubt.
 */
public final class Startup {
    private static final String COMMAND = "the command";
    private static final int MAX_STEPS = 12; // more than wrappers and interpreters that make sense
    private static final Set<String> SHELLS = Set.of("sh", "ash", "bash", "dash", "ksh", "zsh");
    private static final Set<String> INITS = Set.of("tini", "tini-static", "dumb-init", "catatonit", "docker-init");

    private final ImageConfig.Execution image;
    private final ImageFiles files;
    private final List<Step> steps = new ArrayList<>();

    private Startup(ImageConfig.Execution image, ImageFiles files) {
        this.image = image;
        this.files = files;
    }

    /** How sure it is that a step is executed. */
    public enum Certainty {
        /** The kernel executes it, or the container does not start. */
        CERTAIN,
        /** A wrapper executes it, if it gets there. */
        LIKELY,
        /** It may be a program, and it may be just a word. */
        POSSIBLE
    }

    /**
     * One file that is executed.
     *
     * @param word as it is written
     * @param reason who executes it, such as {@code the entrypoint} or {@code the interpreter of /run.sh}
     * @param script whose interpreter this is
     * @param found where it leads in the image
     */
    public record Step(String word, String reason, Optional<String> script, Found found, Certainty certainty) {
        /** This file, if it is a script. */
        Optional<FileFacts.Script> asScript() {
            return found.node() instanceof Node.File(FileFacts.Script script, int _)
                    ? Optional.of(script)
                    : Optional.empty();
        }
    }

    /** All files that are executed, in order; empty if the image says nothing of what it runs. */
    public static List<Step> of(ImageConfig.Execution image, ImageFiles files) {
        Startup startup = new Startup(image, files);
        List<String> words = new ArrayList<>(image.entrypoint());
        words.addAll(image.command());
        if (words.isEmpty() || words.getFirst().isEmpty()) {
            return List.of();
        }
        startup.run(words, image.entrypoint().isEmpty() ? COMMAND : "the entrypoint", Certainty.CERTAIN);
        if (!image.entrypoint().isEmpty() && !image.command().isEmpty()) {
            startup.commandOfEntrypoint(image.command());
        }
        return List.copyOf(startup.steps);
    }

    /** A command that is handed to an entrypoint is run by it, if that is a script: so do nearly all of them. */
    private void commandOfEntrypoint(List<String> command) {
        boolean isScript = steps.getFirst().asScript().isPresent();
        Optional<Found> program = look(command.getFirst());
        boolean isSeen = program.isEmpty()
                || steps.stream()
                        .anyMatch(
                                step -> step.found().path().equals(program.get().path()));
        if (isSeen || !(program.get().node() instanceof Node.File)) {
            return;
        }
        run(command, COMMAND, isScript ? Certainty.LIKELY : Certainty.POSSIBLE);
    }

    private void run(List<String> words, String reason, Certainty certainty) {
        add(words.getFirst(), reason, Optional.empty(), certainty);
        next(words, certainty);
    }

    private void add(String word, String reason, Optional<String> ofScript, Certainty certainty) {
        if (steps.size() >= MAX_STEPS) {
            return;
        }
        Found found = look(word).orElseGet(() -> new Found(word, new Node.Missing()));
        Step step = new Step(word, reason, ofScript, found, certainty);
        steps.add(step);
        step.asScript().ifPresent(script -> interpret(script, certainty));
    }

    /** The kernel's part: one path, and all that follows as one argument. */
    private void interpret(FileFacts.Script script, Certainty certainty) {
        String line = script.line().stripLeading();
        int space = 0;
        while (space < line.length() && line.charAt(space) != ' ' && line.charAt(space) != '\t') {
            space++;
        }
        String interpreter = line.substring(0, space);
        String argument = line.substring(space).strip();
        String reason = "the interpreter of " + script.path();
        Optional<String> ofScript = Optional.of(script.path());
        if (interpreter.isEmpty()) {
            return;
        }
        add(interpreter, reason, ofScript, certainty);
        if (name(interpreter).equals("env")) {
            environmentArgument(argument).ifPresent(word -> add(word, reason, ofScript, certainty));
        }
    }

    /** The program in {@code env python3}, {@code env -S node --flag} or {@code env -S A=b prog}. */
    private static Optional<String> environmentArgument(String argument) {
        boolean split = argument.startsWith("-");
        String[] words = split ? argument.split("[ \t]+") : new String[] {argument};
        for (String word : words) {
            String bare = word.startsWith("-S") ? word.substring(2) : word;
            if (!bare.isEmpty() && !bare.startsWith("-") && bare.indexOf('=') < 0) {
                return Optional.of(bare);
            }
        }
        return Optional.empty();
    }

    /** What a wrapper runs next. */
    private void next(List<String> words, Certainty certainty) {
        String wrapper = name(words.getFirst());
        Certainty wrapped = certainty == Certainty.POSSIBLE ? certainty : Certainty.LIKELY;
        if (SHELLS.contains(wrapper) && words.size() >= 3 && words.get(1).matches("-[a-z]*c")) {
            ShellCommand.program(words.get(2))
                    .ifPresent(word -> run(List.of(word), "the shell command of " + wrapper, wrapped));
        } else if (INITS.contains(wrapper)) {
            int dashes = words.indexOf("--");
            int start = dashes > 0 ? dashes + 1 : 1;
            if (start < words.size() && !words.get(start).startsWith("-")) {
                run(words.subList(start, words.size()), "what " + wrapper + " runs", wrapped);
            }
        }
    }

    /** As runtimes and {@code execvp} look a word up; nothing if no directory of the path has it. */
    private Optional<Found> look(String word) {
        if (word.indexOf('/') >= 0) {
            return Optional.of(files.follow(word.startsWith("/") ? word : image.workingDirectory() + "/" + word));
        }
        Optional<Found> second = Optional.empty();
        for (String directory : image.path()) {
            Found found = files.follow(directory + "/" + word);
            if (found.node() instanceof Node.Shapeless || isExecutable(found.node())) {
                return Optional.of(found);
            }
            if (second.isEmpty() && found.node() instanceof Node.Plain) {
                second = Optional.of(found);
            }
        }
        return second;
    }

    private static boolean isExecutable(Node node) {
        return node instanceof Node.File(FileFacts facts, int _)
                && !(facts instanceof FileFacts.Program program && !program.executable());
    }

    private static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }
}
