package dev.sheaf.cli.progress;

import dev.sheaf.v1.BuildEvent;
import java.util.List;

/** Shows nothing. */
final class QuietView implements ProgressView {
    @Override
    public void show(BuildEvent event, List<StepNews> news) {}

    @Override
    public void note(String line) {}

    @Override
    public void close() {}
}
