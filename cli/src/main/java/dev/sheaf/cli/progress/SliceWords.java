package dev.sheaf.cli.progress;

import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.output.Words;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.SliceState;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Says in one line what became of a slice or of the build, and only when that is new. */
final class SliceWords {
    private final Map<String, String> said = new HashMap<>();

    /** The line for an event, if it has one. */
    Optional<String> line(BuildEvent event) {
        return switch (event.getEventCase()) {
            case SLICE -> fresh(event.getPlatform(), state(event.getSlice()));
            case NOTICE -> Optional.of("=> " + TerminalText.plain(event.getNotice().getText()));
            case PROGRESS -> dropped(event);
            case BUILD -> event.getBuild().getState() == BuildState.BUILD_STATE_STITCHING
                    ? fresh("", "every platform is built; joining them and moving the tags")
                    : Optional.empty();
            case EVENT_NOT_SET -> Optional.empty();
        };
    }

    /** A slice's state in words: "building on arm-1, attempt 2". */
    static String state(SliceState slice) {
        StringBuilder words = new StringBuilder(Words.of(slice.getStage()));
        switch (slice.getStage()) {
            case SLICE_STAGE_QUEUED -> {
                if (!slice.getWaitingFor().isEmpty()) {
                    words.append(": ").append(TerminalText.plain(slice.getWaitingFor()));
                }
            }
            case SLICE_STAGE_LEASED, SLICE_STAGE_RUNNING, SLICE_STAGE_BUILT -> {
                words.append(" on ").append(TerminalText.plain(slice.getAgent()));
                if (slice.getAttempt() > 1) {
                    words.append(", attempt ").append(slice.getAttempt());
                }
                if (slice.getEmulated()) {
                    words.append(", EMULATED");
                }
            }
            case SLICE_STAGE_FAILED -> words.append(": ")
                    .append(TerminalText.plain(slice.getFailure().getMessage()));
            case SLICE_STAGE_VERIFYING, SLICE_STAGE_CANCELLED, SLICE_STAGE_UNSPECIFIED, UNRECOGNIZED -> {}
        }
        return words.toString();
    }

    private Optional<String> fresh(String platform, String words) {
        if (words.equals(said.put(platform, words))) {
            return Optional.empty();
        }
        return Optional.of("=> " + (platform.isEmpty() ? "" : TerminalText.plain(platform) + " ") + words);
    }

    private static Optional<String> dropped(BuildEvent event) {
        long bytes = event.getProgress().getDroppedLogBytes();
        return bytes == 0
                ? Optional.empty()
                : Optional.of("=> " + TerminalText.plain(event.getPlatform()) + " " + Words.bytes(bytes)
                        + " of output dropped: the log limit of the slice is reached");
    }
}
