package dev.sheaf.coordinator.build;

import dev.sheaf.image.Digest;

/** How an attempt ended, as the agent says. */
public sealed interface Outcome {
    /** The agent says that it pushed this (or, without push, built it). The coordinator believes the registry only. */
    record Pushed(Digest digest) implements Outcome {}

    /** The attempt failed. */
    record Failed(Failure failure) implements Outcome {}

    /** The agent stopped because it was told to, or because it could not renew. */
    record Stopped(String reason) implements Outcome {}
}
