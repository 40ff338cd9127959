package dev.sheaf.cli.progress;

import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.output.Words;
import dev.sheaf.cli.progress.block.BlockLayout;
import dev.sheaf.cli.progress.block.Lane;
import dev.sheaf.cli.progress.block.Lane.Mood;
import dev.sheaf.cli.progress.block.Lane.Row;
import dev.sheaf.cli.progress.block.LiveBlock;
import dev.sheaf.cli.shell.Streams;
import dev.sheaf.cli.shell.TerminalSize;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.SliceStage;
import dev.sheaf.v1.SliceState;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A block at the end of the terminal, a lane for each platform, redrawn in place a few times a second. Whoever calls
 * holds the lock of the steps; the redrawing thread takes it.
 */
final class TerminalView implements ProgressView {
    private static final long REDRAW_MILLIS = 150;
    private static final int ENDED_SHOWN = 3;
    private static final int RUNNING_SHOWN = 3;
    private static final int LINES_SHOWN = 4;

    /** What is known of a platform's slice. */
    private static final class Slice {
        SliceState state = SliceState.getDefaultInstance();

        @Nullable Instant ended;
    }

    private final Streams streams;
    private final Steps steps;
    private final InstantSource clock;
    private final Instant start;
    private final SliceWords words = new SliceWords();
    private final Map<String, Slice> slices = new LinkedHashMap<>();
    private final LiveBlock block = new LiveBlock();
    private final ScheduledExecutorService ticker;

    TerminalView(Streams streams, Steps steps, InstantSource clock) {
        this.streams = streams;
        this.steps = steps;
        this.clock = clock;
        this.start = clock.instant();
        this.ticker = Executors.newSingleThreadScheduledExecutor(
                Thread.ofPlatform().daemon().name("terminal").factory());
        var _ = ticker.scheduleAtFixedRate(this::redraw, REDRAW_MILLIS, REDRAW_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void show(BuildEvent event, List<StepNews> news) {
        switch (event.getEventCase()) {
            case SLICE -> {
                Slice slice = slices.computeIfAbsent(TerminalText.plain(event.getPlatform()), _ -> new Slice());
                slice.state = event.getSlice();
                if (slice.state.getStage() == SliceStage.SLICE_STAGE_RUNNING && slice.state.getAttempt() > 1) {
                    words.line(event).ifPresent(this::note); // stays when the build is over
                }
                slice.ended = event.getSlice().hasEnded() ? clock.instant() : null;
            }
            case NOTICE, BUILD, PROGRESS -> words.line(event).ifPresent(this::note);
            case EVENT_NOT_SET -> {}
        }
        for (StepNews item : news) {
            if (item instanceof StepNews.Line(Step step, String text) && text.startsWith("WARN: ")) {
                note(step.name + ": " + text);
            } else if (item instanceof StepNews.Ended(Step step) && !step.error.isEmpty() && !step.isCancelled()) {
                note(step.name + ": ERROR: " + step.error);
            }
        }
    }

    @Override
    public void note(String line) {
        streams.err().print(block.above(line, streams.size().get().columns()));
        streams.err().flush();
    }

    @Override
    public void close() {
        ticker.shutdownNow();
        redraw();
    }

    private void redraw() {
        synchronized (steps) {
            Instant now = clock.instant();
            List<Lane> lanes = new ArrayList<>();
            slices.forEach((platform, slice) -> lanes.add(lane(platform, slice, now)));
            TerminalSize size = streams.size().get();
            List<String> lines = BlockLayout.lines(lanes, size.columns(), size.rows(), streams.colour());
            streams.err().print(block.replace(lines, size.columns()));
            streams.err().flush();
        }
    }

    private Lane lane(String platform, Slice slice, Instant now) {
        SliceStage stage = slice.state.getStage();
        Duration time = Duration.between(start, slice.ended == null ? now : slice.ended);
        Row head = new Row(mood(stage), platform + "  " + SliceWords.state(slice.state), Words.of(time));
        return new Lane(head, stage == SliceStage.SLICE_STAGE_RUNNING ? rows(platform, now) : List.of());
    }

    /** Steps that ended, then those that run, with the end of what they print. */
    private List<Row> rows(String platform, Instant now) {
        List<Step> all = steps.of(platform);
        List<Row> rows = new ArrayList<>();
        for (Step step : last(all.stream().filter(step -> step.ended != null).toList(), ENDED_SHOWN)) {
            String how = step.cached ? "CACHED" : step.error.isEmpty() ? Words.of(step.time(now)) : "ERROR";
            rows.add(new Row(step.error.isEmpty() ? Mood.FAINT : Mood.BAD, "  " + step.shortName(), how));
        }
        for (Step step : last(all.stream().filter(Step::isRunning).toList(), RUNNING_SHOWN)) {
            rows.add(new Row(Mood.PLAIN, "> " + step.shortName(), Words.of(step.time(now))));
            List<String> lines = new ArrayList<>(step.lastLines());
            lines.addAll(step.current());
            last(lines, LINES_SHOWN)
                    .forEach(line -> rows.add(new Row(Mood.FAINT, "    " + TerminalText.plain(line), "")));
        }
        return rows;
    }

    private static <T> List<T> last(List<T> all, int count) {
        return all.subList(Math.max(0, all.size() - count), all.size());
    }

    private static Mood mood(SliceStage stage) {
        return switch (stage) {
            case SLICE_STAGE_BUILT -> Mood.GOOD;
            case SLICE_STAGE_FAILED, SLICE_STAGE_CANCELLED -> Mood.BAD;
            case SLICE_STAGE_RUNNING, SLICE_STAGE_VERIFYING, SLICE_STAGE_LEASED -> Mood.ACTIVE;
            case SLICE_STAGE_QUEUED, SLICE_STAGE_UNSPECIFIED, UNRECOGNIZED -> Mood.PLAIN;
        };
    }
}
