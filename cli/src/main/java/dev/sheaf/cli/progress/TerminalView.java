package dev.sheaf.cli.progress;

import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.output.Words;
import dev.sheaf.cli.shell.Streams;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.SliceStage;
import java.io.PrintStream;
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
 * A block at the end of the terminal, one part a platform, redrawn in place a few times a second. Whoever calls holds
 * the lock of the steps; the redrawing thread takes it.
 */
final class TerminalView implements ProgressView {
    private static final long REDRAW_MILLIS = 150;
    private static final int STEPS_SHOWN = 3;
    private static final int LINES_SHOWN = 4;

    /** A platform's part of the block. */
    private static final class Lane {
        String state = "queued";
        SliceStage stage = SliceStage.SLICE_STAGE_QUEUED;

        @Nullable Instant ended;
    }

    private final PrintStream err;
    private final Streams streams;
    private final Steps steps;
    private final InstantSource clock;
    private final Instant start;
    private final SliceWords words = new SliceWords();
    private final Map<String, Lane> lanes = new LinkedHashMap<>();
    private final ScheduledExecutorService ticker;
    private int drawn;

    TerminalView(Streams streams, Steps steps, InstantSource clock) {
        this.err = streams.err();
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
                Lane lane = lanes.computeIfAbsent(TerminalText.plain(event.getPlatform()), _ -> new Lane());
                lane.state = SliceWords.state(event.getSlice());
                lane.stage = event.getSlice().getStage();
                lane.ended = event.getSlice().hasEnded() ? clock.instant() : null;
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
        erase();
        err.println(line);
        draw();
    }

    @Override
    public void close() {
        ticker.shutdownNow();
        redraw();
    }

    private void redraw() {
        synchronized (steps) {
            erase();
            draw();
        }
    }

    private void erase() {
        if (drawn > 0) {
            err.print("\u001b[" + drawn + "A\r\u001b[J");
            drawn = 0;
        }
    }

    private void draw() {
        List<String> lines = lines(clock.instant());
        // Without wrapping a line stays one line, also in a window that got narrower.
        err.print("\u001b[?7l");
        lines.forEach(line -> err.print(line + "\u001b[0m\r\n"));
        err.print("\u001b[?7h");
        err.flush();
        drawn = lines.size();
    }

    private List<String> lines(Instant now) {
        List<String> lines = new ArrayList<>();
        int width = lanes.keySet().stream().mapToInt(String::length).max().orElse(0);
        lanes.forEach((platform, lane) -> {
            Duration time = Duration.between(start, lane.ended == null ? now : lane.ended);
            lines.add(colour(lane.stage, cut(pad(platform, width) + "  " + lane.state, Words.of(time))));
            if (lane.stage == SliceStage.SLICE_STAGE_RUNNING) {
                steps(platform, now, lines);
            }
        });
        return lines;
    }

    private void steps(String platform, Instant now, List<String> lines) {
        List<Step> running = steps.of(platform).stream().filter(Step::isRunning).toList();
        for (Step step : running.subList(Math.max(0, running.size() - STEPS_SHOWN), running.size())) {
            lines.add(cut("  => " + step.name, Words.of(step.time(now))));
            List<String> output = step.lastLines();
            for (String line : output.subList(Math.max(0, output.size() - LINES_SHOWN), output.size())) {
                lines.add("     " + cut(TerminalText.plain(line), ""));
            }
        }
    }

    private String colour(SliceStage stage, String line) {
        if (!streams.colour()) {
            return line;
        }
        return switch (stage) {
            case SLICE_STAGE_BUILT -> "\u001b[32m" + line;
            case SLICE_STAGE_FAILED, SLICE_STAGE_CANCELLED -> "\u001b[31m" + line;
            case SLICE_STAGE_RUNNING, SLICE_STAGE_VERIFYING, SLICE_STAGE_LEASED -> "\u001b[36m" + line;
            case SLICE_STAGE_QUEUED, SLICE_STAGE_UNSPECIFIED, UNRECOGNIZED -> line;
        };
    }

    /** The text cut or filled so that {@code right} ends at the edge of the terminal. */
    private String cut(String text, String right) {
        int room = Math.max(20, streams.columns() - right.length() - 8);
        String shown = text.length() > room ? text.substring(0, room - 1) + "…" : text;
        return right.isEmpty() ? shown : pad(shown, room) + " " + right;
    }

    private static String pad(String text, int width) {
        return text + " ".repeat(Math.max(0, width - text.length()));
    }
}
