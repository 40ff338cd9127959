package dev.sheaf.coordinator.build;

/** Where a build stands. */
public enum BuildState {
    /** No slice has been leased yet. */
    QUEUED,
    BUILDING,
    /** Every slice is built; the index is made and pushed, and the tags move. */
    STITCHING,
    SUCCEEDED,
    FAILED,
    CANCELLED;

    /** Never left again. */
    public boolean isTerminal() {
        return compareTo(SUCCEEDED) >= 0;
    }
}
