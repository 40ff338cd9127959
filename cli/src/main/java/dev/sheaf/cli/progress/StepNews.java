package dev.sheaf.cli.progress;

/** Something a view may want to say about a step. */
sealed interface StepNews {
    Step step();

    record Started(Step step) implements StepNews {}

    /** A line of output, or of progress within the step. */
    record Line(Step step, String text) implements StepNews {}

    record Ended(Step step) implements StepNews {}
}
