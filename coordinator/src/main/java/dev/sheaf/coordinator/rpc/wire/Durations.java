package dev.sheaf.coordinator.rpc.wire;

import com.google.protobuf.Timestamp;
import java.time.Duration;
import java.time.Instant;

/** Times, both ways. */
public final class Durations {
    private Durations() {}

    /** A duration that is not negative; throws IllegalArgumentException with one line. */
    public static Duration read(String what, com.google.protobuf.Duration wire) {
        Duration duration;
        try {
            duration = Duration.ofSeconds(wire.getSeconds(), wire.getNanos());
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException(what + " is no duration", e);
        }
        if (duration.isNegative()) {
            throw new IllegalArgumentException(what + " is negative: " + duration);
        }
        return duration;
    }

    /** As the wire has it. */
    public static com.google.protobuf.Duration write(Duration duration) {
        return com.google.protobuf.Duration.newBuilder()
                .setSeconds(duration.getSeconds())
                .setNanos(duration.getNano())
                .build();
    }

    public static Timestamp write(Instant instant) {
        return Timestamp.newBuilder()
                .setSeconds(instant.getEpochSecond())
                .setNanos(instant.getNano())
                .build();
    }
}
