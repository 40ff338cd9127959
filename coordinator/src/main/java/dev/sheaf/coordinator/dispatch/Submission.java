package dev.sheaf.coordinator.dispatch;

import dev.sheaf.coordinator.build.BuildRequest;

/** A request, and what it brings that is secret. */
public record Submission(BuildRequest request, Attachments attachments) {}
