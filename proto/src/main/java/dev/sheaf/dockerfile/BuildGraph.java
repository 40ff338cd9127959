package dev.sheaf.dockerfile;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What of a Dockerfile one target needs: like BuildKit, a stage that nothing needs is not looked at.
 *
 * @param stages in the order of the Dockerfile, the target among them
 * @param lineage the target last, before it the stages that it builds on by FROM
 * @param bases each image that one of the stages takes something from, in the order of the Dockerfile
 * @param ancestors by the index of a stage: those that it builds on by FROM, the nearest last
 */
public record BuildGraph(
        List<Stage> stages, List<Stage> lineage, List<BaseUse> bases, Map<Integer, List<Stage>> ancestors) {
    public BuildGraph {
        stages = List.copyOf(stages);
        lineage = List.copyOf(lineage);
        bases = List.copyOf(bases);
        ancestors = Map.copyOf(ancestors);
    }

    /** For the stage of this name or number; empty means the last. */
    public static BuildGraph of(Dockerfile file, String target, BuildScope scope) throws DockerfileException {
        return new Search(file, scope.global(file)).from(target);
    }

    /** The stage that becomes the image. */
    public Stage target() {
        return lineage.getLast();
    }

    /** The image that the target builds on by FROM, through whatever stages. Nothing: it starts from scratch. */
    public Optional<BaseUse> foundation() {
        Instruction from = lineage.getFirst().from();
        return bases.stream().filter(base -> base.instruction().equals(from)).findFirst();
    }

    /** The instructions that the image's history tells of, in their order: of the target and what it builds on. */
    public List<Instruction> chain() {
        return lineage.stream().flatMap(stage -> stage.instructions().stream()).toList();
    }

    /** The stages that a needed stage builds on by FROM, the nearest last. */
    public List<Stage> parents(Stage stage) {
        return ancestors.getOrDefault(stage.index(), List.of());
    }

    /** Follows what stages take from each other. */
    private static final class Search {
        private static final String NOTHING = "scratch";

        private final Dockerfile file;
        private final Map<String, String> values;
        private final List<String> bases = new ArrayList<>(); // expanded, by stage
        private final List<Optional<Stage>> parents = new ArrayList<>(); // by stage
        private final Map<String, Stage> byName = new HashMap<>();
        private final Map<Integer, Stage> needed = new TreeMap<>();

        Search(Dockerfile file, Map<String, String> values) throws DockerfileException {
            this.file = file;
            this.values = values;
            for (Stage stage : file.stages()) {
                String base = expand(stage.base(), stage);
                bases.add(base);
                // A FROM sees the stages before it; what comes later under the same name is another.
                parents.add(Optional.ofNullable(byName.get(base.toLowerCase(Locale.ROOT))));
                if (!stage.name().isEmpty()) {
                    byName.put(stage.name(), stage);
                }
            }
        }

        BuildGraph from(String target) throws DockerfileException {
            Stage last = target.isEmpty()
                    ? file.stages().getLast()
                    : stage(target)
                            .orElseThrow(() -> new DockerfileException("the Dockerfile has no stage \"" + target
                                    + "\"; it has " + String.join(", ", titles())));
            List<Stage> waiting = new ArrayList<>(List.of(last));
            while (!waiting.isEmpty()) {
                Stage stage = waiting.removeLast();
                if (needed.put(stage.index(), stage) == null) {
                    parents.get(stage.index()).ifPresent(waiting::add);
                    stage.instructions()
                            .forEach(step -> step.sources()
                                    .forEach(source -> stage(source).ifPresent(waiting::add)));
                }
            }
            List<Stage> lineage = ancestors(last);
            lineage.addLast(last);
            Map<Integer, List<Stage>> ancestors = new HashMap<>();
            needed.forEach((index, stage) -> ancestors.put(index, ancestors(stage)));
            return new BuildGraph(List.copyOf(needed.values()), lineage, images(), ancestors);
        }

        private List<Stage> ancestors(Stage last) {
            List<Stage> lineage = new ArrayList<>();
            for (Optional<Stage> next = parents.get(last.index());
                    next.isPresent();
                    next = parents.get(next.get().index())) {
                lineage.addFirst(next.get());
            }
            return lineage;
        }

        private List<BaseUse> images() throws DockerfileException {
            List<BaseUse> found = new ArrayList<>();
            for (Stage stage : needed.values()) {
                String base = bases.get(stage.index());
                if (parents.get(stage.index()).isEmpty() && !base.isEmpty() && !base.equals(NOTHING)) {
                    Optional<String> platform = stage.platform().isEmpty()
                            ? Optional.empty()
                            : Optional.of(expand(stage.platform(), stage)).filter(written -> !written.isEmpty());
                    found.add(new BaseUse(base, platform, stage.from()));
                }
                for (Instruction step : stage.instructions()) {
                    for (String source : step.sources()) {
                        if (stage(source).isEmpty() && !source.equals(NOTHING)) {
                            found.add(new BaseUse(source, Optional.empty(), step));
                        }
                    }
                }
            }
            return found;
        }

        private Optional<Stage> stage(String named) {
            Stage found = byName.get(named.toLowerCase(Locale.ROOT));
            if (found == null && named.matches("[0-9]{1,5}")) {
                int index = Integer.parseInt(named);
                return index < file.stages().size() ? Optional.of(file.stages().get(index)) : Optional.empty();
            }
            return Optional.ofNullable(found);
        }

        private List<String> titles() {
            return file.stages().stream()
                    .map(stage -> stage.name().isEmpty() ? String.valueOf(stage.index()) : stage.name())
                    .limit(20)
                    .toList();
        }

        private String expand(String text, Stage stage) throws DockerfileException {
            try {
                return BuildScope.expand(text, file.escape(), values);
            } catch (DockerfileException e) {
                throw new DockerfileException(stage.from().firstLine(), String.valueOf(e.getMessage()));
            }
        }
    }
}
