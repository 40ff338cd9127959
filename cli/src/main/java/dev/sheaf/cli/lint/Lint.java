package dev.sheaf.cli.lint;

import dev.sheaf.dockerfile.BuildSelection;
import dev.sheaf.dockerfile.Dockerfile;
import dev.sheaf.dockerfile.DockerfileException;
import dev.sheaf.dockerfile.Instruction;
import dev.sheaf.dockerfile.Stage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Stream;

/** All rules over one Dockerfile and its context. */
public final class Lint {
    private static final String IGNORE = "sheaf: ignore=";

    private Lint() {}

    /** In the order of the Dockerfile. */
    public static List<Finding> of(Dockerfile file, BuildSelection wanted, List<ContextFile> files)
            throws DockerfileException {
        Subject subject = Subject.of(file, wanted);
        TreeSet<Finding> findings = new TreeSet<>(Finding.ORDER);
        new Downloads(subject, findings::add).check();
        new PlatformArguments(subject, findings::add).check();
        new StagePlatforms(subject, findings::add).check();
        new CopiedPrograms(subject, files, findings::add).check();
        return unsilenced(file, findings);
    }

    /** Without those whose rule a comment above the instruction names: {@code # sheaf: ignore=RULE,RULE}. */
    public static List<Finding> unsilenced(Dockerfile file, Iterable<Finding> findings) {
        Map<Integer, Instruction> byLine = new HashMap<>();
        Stream.concat(
                        file.arguments().stream(),
                        file.stages().stream()
                                .flatMap((Stage stage) ->
                                        Stream.concat(Stream.of(stage.from()), stage.instructions().stream())))
                .forEach(step -> byLine.put(step.firstLine(), step));
        List<Finding> left = new ArrayList<>();
        for (Finding finding : findings) {
            Instruction step = byLine.get(finding.firstLine());
            if (step == null || !isSilenced(step, finding.rule())) {
                left.add(finding);
            }
        }
        return left;
    }

    private static boolean isSilenced(Instruction step, String rule) {
        return step.comments().stream()
                .filter(comment -> comment.startsWith(IGNORE))
                .flatMap(comment -> Stream.of(comment.substring(IGNORE.length()).split(",", -1)))
                .anyMatch(named -> named.strip().equals(rule));
    }
}
