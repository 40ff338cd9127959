package dev.sheaf.cli.check;

import dev.sheaf.cli.context.BuildContext;
import dev.sheaf.cli.context.TreeContext;
import dev.sheaf.cli.lint.Finding;
import dev.sheaf.cli.lint.Lint;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.dockerfile.BuildSelection;
import dev.sheaf.dockerfile.Dockerfile;
import dev.sheaf.dockerfile.DockerfileException;
import java.util.ArrayList;
import java.util.List;

/** What {@code sheaf check} finds, as a build tells it: it goes on whatever it is. */
public final class Warnings {
    private static final int MOST_SHOWN = 10;

    private Warnings() {}

    /** One line for each finding, at most a screenful. */
    public static List<String> of(BuildContext context, BuildSelection wanted) {
        if (!(context instanceof TreeContext tree)) {
            return List.of();
        }
        List<Finding> findings;
        try {
            findings = Lint.of(Dockerfile.parse(tree.dockerfileText()), wanted, Source.files(tree));
        } catch (DockerfileException _) {
            return List.of(); // the engine says what is wrong with it, with the lines around
        }
        List<String> lines = new ArrayList<>();
        findings.stream()
                .limit(MOST_SHOWN)
                .forEach(finding -> lines.add("warning: Dockerfile " + TerminalText.plain(finding.line())));
        if (findings.size() > MOST_SHOWN) {
            lines.add("warning: and " + (findings.size() - MOST_SHOWN) + " more; sheaf check shows all");
        }
        return lines;
    }
}
