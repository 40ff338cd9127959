package dev.sheaf.coordinator.agents;

import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.LeaseId;

/**
 * A slice to build.
 *
 * @param attempt from 1
 * @param emulated the agent offered the platform as emulated
 */
public record Assignment(LeaseId lease, int attempt, boolean emulated, BuildRequest request) {}
