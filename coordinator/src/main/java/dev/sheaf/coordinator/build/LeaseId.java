package dev.sheaf.coordinator.build;

/**
 * Names one lease: a slice in the hands of one agent for a time.
 *
 * @param fence the lease token, larger for each lease that the farm ever gives
 */
public record LeaseId(SliceId slice, long fence) {
    public LeaseId {
        if (fence < 1) {
            throw new IllegalArgumentException("a fence is at least 1, found " + fence);
        }
    }

    /** The build that the slice is a part of. */
    public BuildId build() {
        return slice.build();
    }
}
