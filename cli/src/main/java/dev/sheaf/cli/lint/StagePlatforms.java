package dev.sheaf.cli.lint;

import dev.sheaf.cli.lint.Finding.Severity;
import dev.sheaf.dockerfile.BaseUse;
import dev.sheaf.dockerfile.Instruction;
import dev.sheaf.dockerfile.Stage;
import dev.sheaf.image.Platform;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/** FROMs that are of one platform, whatever is built. */
final class StagePlatforms {
    static final String FINAL = "final-stage-platform";
    static final String FINAL_ON_BUILD = "final-stage-build-platform";
    static final String STAGE = "stage-platform";
    static final String BASE_NAME = "base-names-architecture";

    private final Subject subject;
    private final Consumer<Finding> findings;

    StagePlatforms(Subject subject, Consumer<Finding> findings) {
        this.subject = subject;
        this.findings = findings;
    }

    void check() {
        Map<Instruction, Stage> stages = new LinkedHashMap<>();
        subject.stages().forEach(stage -> stages.put(stage.from(), stage));
        Map<Instruction, Set<Platform>> fixed = new LinkedHashMap<>();
        Map<Instruction, Set<Platform>> misnamed = new LinkedHashMap<>();
        subject.graphs()
                .forEach((platform, graph) -> graph.bases().stream()
                        .filter(base -> base.instruction().is("FROM"))
                        .forEach(base -> {
                            if (isOther(base, platform)) {
                                fixed.computeIfAbsent(base.instruction(), _ -> new TreeSet<>())
                                        .add(platform);
                            } else if (base.platform().isEmpty() && isNamedForAnother(base, platform)) {
                                misnamed.computeIfAbsent(base.instruction(), _ -> new TreeSet<>())
                                        .add(platform);
                            }
                        }));
        stages.forEach((from, stage) -> {
            boolean isInImage = subject.isInImage(stage);
            if (isInImage && stage.platform().contains("BUILD")) {
                onBuildPlatform(stage);
            } else if (fixed.containsKey(from)) {
                fixed(stage, fixed.get(from), isInImage);
            } else if (misnamed.containsKey(from)) {
                misnamed(stage, misnamed.get(from));
            }
        });
    }

    private static boolean isOther(BaseUse base, Platform platform) {
        try {
            return base.platform()
                    .map(Platform::parse)
                    .filter(asked -> !asked.architecture().equals(platform.architecture()))
                    .isPresent();
        } catch (IllegalArgumentException _) {
            return false; // the engine says what is wrong with it
        }
    }

    private static boolean isNamedForAnother(BaseUse base, Platform platform) {
        String name = base.reference().replaceFirst("@.*$", "");
        Set<String> named = Architectures.in(name);
        return !named.isEmpty() && !named.contains(platform.architecture());
    }

    private void onBuildPlatform(Stage stage) {
        findings.accept(Finding.at(
                stage.from(),
                FINAL_ON_BUILD,
                Severity.ERROR,
                "the image is made of this stage, and --platform=" + stage.platform()
                        + " gives it the architecture of whatever machine builds",
                "leave --platform out of the FROM of the final stage"));
    }

    private void fixed(Stage stage, Set<Platform> others, boolean isInImage) {
        String what = "--platform=" + stage.platform();
        if (isInImage) {
            findings.accept(Finding.at(
                    stage.from(),
                    FINAL,
                    Severity.ERROR,
                    "the image is made of this stage, and " + what + " gives " + Subject.words(others)
                            + " the wrong architecture",
                    "leave --platform out of the FROM of the final stage"));
        } else if (stage.instructions().stream().anyMatch(step -> step.is("RUN"))) {
            findings.accept(Finding.at(
                    stage.from(),
                    STAGE,
                    Severity.WARNING,
                    what + " makes the RUN steps of " + stage.title() + " foreign to the machines that build "
                            + Subject.words(others) + " natively",
                    "leave --platform out, or write --platform=$BUILDPLATFORM"));
        }
    }

    private void misnamed(Stage stage, Set<Platform> others) {
        findings.accept(Finding.at(
                stage.from(),
                BASE_NAME,
                Severity.WARNING,
                "the base " + stage.base() + " is named for one architecture, and " + Subject.words(others)
                        + " builds on it too",
                "name the base's index (manifest list), without an architecture in its name"));
    }
}
