package dev.sheaf.cli.progress;

import dev.sheaf.v1.BuildEvent;
import java.util.List;

/** One way to show a build; called by one thread at a time. */
sealed interface ProgressView permits PlainView, TerminalView, JsonView, QuietView {
    /** An event, and what it means for steps. */
    void show(BuildEvent event, List<StepNews> news);

    /** A line of the CLI's own. */
    void note(String line);

    /** Nothing more comes. */
    void close();
}
