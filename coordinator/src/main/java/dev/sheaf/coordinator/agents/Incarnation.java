package dev.sheaf.coordinator.agents;

import org.jspecify.annotations.Nullable;

/**
 * One process of an agent. Equal if the ids are.
 *
 * @param id drawn at random when the process starts
 * @param startedAt when that was, in milliseconds since 1970 by the clock of its host; 0: not said
 */
public record Incarnation(String id, long startedAt) {
    public Incarnation {
        if (id.isBlank()) {
            throw new IllegalArgumentException("an agent's call needs an incarnation, found an empty one");
        }
        if (startedAt < 0) {
            throw new IllegalArgumentException(
                    "an agent starts at 0 or more milliseconds since 1970, found " + startedAt);
        }
    }

    /** Whether this process started earlier than another one of the same name; false if either did not say. */
    public boolean isBefore(Incarnation other) {
        return startedAt > 0 && other.startedAt > 0 && startedAt < other.startedAt;
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Incarnation incarnation && id.equals(incarnation.id);
    }

    @Override
    public int hashCode() {
        return id.hashCode();
    }
}
