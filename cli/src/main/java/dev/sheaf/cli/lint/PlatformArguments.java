package dev.sheaf.cli.lint;

import dev.sheaf.cli.lint.Finding.Severity;
import dev.sheaf.dockerfile.BuildGraph;
import dev.sheaf.dockerfile.BuildScope;
import dev.sheaf.dockerfile.Instruction;
import dev.sheaf.dockerfile.Stage;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** TARGETARCH and the like: used where they are empty, or set to one value for all platforms. */
final class PlatformArguments {
    static final String UNDECLARED = "platform-argument-undeclared";
    static final String DEFAULT = "platform-argument-default";

    static final Set<String> NAMES = Set.copyOf(BuildScope.PLATFORM_ARGUMENTS);
    private static final Pattern USE = Pattern.compile(
            "(?<!\\\\)\\$\\{?(" + String.join("|", BuildScope.PLATFORM_ARGUMENTS) + ")(?![A-Za-z0-9_])");
    /** Their arguments are for the container that runs later, which has its own variables. */
    private static final Set<String> FOR_LATER = Set.of("CMD", "ENTRYPOINT", "HEALTHCHECK", "ONBUILD", "SHELL");

    private final Subject subject;
    private final Consumer<Finding> findings;

    PlatformArguments(Subject subject, Consumer<Finding> findings) {
        this.subject = subject;
        this.findings = findings;
    }

    void check() {
        subject.file().arguments().forEach(this::defaults);
        for (Stage stage : subject.stages()) {
            Set<String> declared = inherited(stage);
            for (Instruction step : stage.instructions()) {
                uses(stage, step, declared);
                if (step.is("ARG")) {
                    defaults(step);
                }
                if (step.is("ARG") || step.is("ENV")) {
                    step.assignments().forEach(set -> declared.add(set.name()));
                }
            }
        }
    }

    /** A stage inherits what the stages declared that it builds on. */
    private Set<String> inherited(Stage stage) {
        Set<String> declared = new HashSet<>();
        for (BuildGraph graph : subject.graphs().values()) {
            graph.parents(stage).stream()
                    .flatMap(parent -> parent.instructions().stream())
                    .filter(step -> step.is("ARG") || step.is("ENV"))
                    .flatMap(step -> step.assignments().stream())
                    .forEach(set -> declared.add(set.name()));
        }
        return declared;
    }

    private void uses(Stage stage, Instruction step, Set<String> declared) {
        if (FOR_LATER.contains(step.keyword()) || step.exec().isPresent()) {
            return;
        }
        String text = text(step);
        Matcher use = USE.matcher(text);
        while (use.find()) {
            String name = use.group(1);
            if (!declared.contains(name) && !isSet(name, text)) {
                declared.add(name); // one finding a stage
                findings.accept(Finding.at(
                        step,
                        UNDECLARED,
                        Severity.ERROR,
                        name + " is empty here: " + stage.title() + " does not declare it",
                        "add \"ARG " + name + "\" to the stage, before this line"));
            }
        }
    }

    private static String text(Instruction step) {
        Stream<String> flags = step.flags().stream().map(Instruction.Flag::value);
        Stream<String> heredocs = step.heredocs().stream()
                .filter(heredoc -> heredoc.expand() || step.is("RUN"))
                .map(Instruction.Heredoc::content);
        return Stream.of(flags, Stream.of(step.arguments()), heredocs)
                .flatMap(part -> part)
                .collect(Collectors.joining("\n"));
    }

    /** The step itself sets the variable. */
    private static boolean isSet(String name, String text) {
        return Pattern.compile("(?:^|[\\s;&|(])" + name + "=").matcher(text).find()
                || Pattern.compile("\\bread\\s+(?:-\\w+\\s+)*" + name + "\\b")
                        .matcher(text)
                        .find();
    }

    private void defaults(Instruction step) {
        List<Instruction.Assignment> set = step.assignments();
        for (Instruction.Assignment argument : set) {
            String value = argument.value().orElse("");
            if (NAMES.contains(argument.name()) && argument.value().isPresent() && !value.contains(argument.name())) {
                findings.accept(Finding.at(
                        step,
                        DEFAULT,
                        Severity.ERROR,
                        "ARG " + argument.name() + "=" + value + " hides the value that each platform has: all of "
                                + subject.platformWords() + " get this one",
                        "write \"ARG " + argument.name() + "\" without a default"));
            }
        }
    }
}
