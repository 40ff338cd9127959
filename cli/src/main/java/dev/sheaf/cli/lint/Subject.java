package dev.sheaf.cli.lint;

import dev.sheaf.dockerfile.BuildGraph;
import dev.sheaf.dockerfile.BuildScope;
import dev.sheaf.dockerfile.BuildSelection;
import dev.sheaf.dockerfile.Dockerfile;
import dev.sheaf.dockerfile.DockerfileException;
import dev.sheaf.dockerfile.Instruction;
import dev.sheaf.dockerfile.Stage;
import dev.sheaf.image.Platform;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What is looked at.
 *
 * @param graphs what the target needs, by platform
 * @param scopes what variables are, by platform
 */
record Subject(Dockerfile file, Map<Platform, BuildGraph> graphs, Map<Platform, BuildScope> scopes) {
    static Subject of(Dockerfile file, BuildSelection wanted) throws DockerfileException {
        Map<Platform, BuildGraph> graphs = new LinkedHashMap<>();
        Map<Platform, BuildScope> scopes = new LinkedHashMap<>();
        for (Platform platform : wanted.platforms()) {
            BuildScope scope = new BuildScope(platform, platform, wanted.arguments());
            scopes.put(platform, scope);
            graphs.put(platform, BuildGraph.of(file, wanted.target(), scope));
        }
        return new Subject(file, graphs, scopes);
    }

    Set<Platform> platforms() {
        return graphs.keySet();
    }

    BuildScope scope(Platform platform) {
        return Objects.requireNonNull(scopes.get(platform), "a platform that is not looked at");
    }

    /** The stages that the target needs on any platform, in the order of the Dockerfile. */
    Collection<Stage> stages() {
        Map<Integer, Stage> stages = new TreeMap<>();
        graphs.values().forEach(graph -> graph.stages().forEach(stage -> stages.put(stage.index(), stage)));
        return stages.values();
    }

    /** Whether what the stage holds ends up in the image by itself, rather than by being copied. */
    boolean isInImage(Stage stage) {
        return graphs.values().stream().anyMatch(graph -> graph.lineage().contains(stage));
    }

    /** The build argument is given, so that its default does not count. */
    boolean isGiven(String argument) {
        return scopes.values().stream().anyMatch(scope -> scope.arguments().containsKey(argument));
    }

    /** "linux/amd64, linux/arm64". */
    String platformWords() {
        return words(platforms());
    }

    static String words(Collection<Platform> platforms) {
        return platforms.stream().sorted().map(Platform::toString).collect(Collectors.joining(", "));
    }

    /** What the instruction says to a shell, its heredocs included; empty for the JSON form. */
    static String script(Instruction instruction) {
        if (instruction.exec().isPresent()) {
            return "";
        }
        StringBuilder script = new StringBuilder(instruction.arguments());
        instruction.heredocs().forEach(heredoc -> script.append('\n').append(heredoc.content()));
        return script.toString();
    }
}
