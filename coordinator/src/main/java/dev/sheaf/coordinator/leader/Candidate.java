package dev.sheaf.coordinator.leader;

/**
 * A coordinator that may lead.
 *
 * @param id of the process: another start is another candidate
 * @param address where agents and users reach it, as others hear it
 */
public record Candidate(String id, String address) {}
