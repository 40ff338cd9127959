package dev.sheaf.coordinator.agents;

import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.LeaseId;

/**
 * A slice to build.
 *
 * @param attempt from 1
 */
public record Assignment(LeaseId lease, int attempt, BuildRequest request) {}
