package dev.sheaf.cli.output;

import com.google.protobuf.Timestamp;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.SliceStage;
import java.time.Duration;
import java.time.Instant;
import java.util.Locale;

/** The wire's values in the words that users read. */
public final class Words {
    private Words() {}

    public static String of(BuildState state) {
        return switch (state) {
            case BUILD_STATE_QUEUED -> "queued";
            case BUILD_STATE_BUILDING -> "building";
            case BUILD_STATE_STITCHING -> "stitching";
            case BUILD_STATE_SUCCEEDED -> "succeeded";
            case BUILD_STATE_FAILED -> "failed";
            case BUILD_STATE_CANCELLED -> "cancelled";
            case BUILD_STATE_UNSPECIFIED, UNRECOGNIZED -> "unknown";
        };
    }

    public static String of(SliceStage stage) {
        return switch (stage) {
            case SLICE_STAGE_QUEUED -> "queued";
            case SLICE_STAGE_LEASED -> "starting";
            case SLICE_STAGE_RUNNING -> "building";
            case SLICE_STAGE_VERIFYING -> "verifying";
            case SLICE_STAGE_BUILT -> "built";
            case SLICE_STAGE_FAILED -> "failed";
            case SLICE_STAGE_CANCELLED -> "cancelled";
            case SLICE_STAGE_UNSPECIFIED, UNRECOGNIZED -> "unknown";
        };
    }

    /** Whether a build in this state has ended. */
    public static boolean isEnd(BuildState state) {
        return switch (state) {
            case BUILD_STATE_SUCCEEDED, BUILD_STATE_FAILED, BUILD_STATE_CANCELLED -> true;
            case BUILD_STATE_QUEUED,
                    BUILD_STATE_BUILDING,
                    BUILD_STATE_STITCHING,
                    BUILD_STATE_UNSPECIFIED,
                    UNRECOGNIZED -> false;
        };
    }

    /** "linux/arm/v7". */
    public static String of(Platform platform) {
        String base = platform.getOs() + "/" + platform.getArchitecture();
        return platform.getVariant().isEmpty() ? base : base + "/" + platform.getVariant();
    }

    public static Instant instant(Timestamp time) {
        return Instant.ofEpochSecond(time.getSeconds(), time.getNanos());
    }

    /** "0.4s", "12.3s", "3m05s", "2h00m". */
    public static String of(Duration time) {
        if (time.compareTo(Duration.ofMinutes(1)) < 0) {
            return String.format(Locale.ROOT, "%.1fs", Math.max(0, time.toMillis()) / 1000.0);
        }
        if (time.compareTo(Duration.ofHours(1)) < 0) {
            return String.format(Locale.ROOT, "%dm%02ds", time.toMinutes(), time.toSecondsPart());
        }
        return String.format(Locale.ROOT, "%dh%02dm", time.toHours(), time.toMinutesPart());
    }

    /** "512B", "1.2MB". */
    public static String bytes(long count) {
        if (count < 1000) {
            return count + "B";
        }
        double amount = count;
        int unit = -1;
        while (amount >= 999.5 && unit < 3) {
            amount /= 1000;
            unit++;
        }
        return String.format(Locale.ROOT, "%.2f%cB", amount, "kMGT".charAt(unit));
    }
}
