package dev.sheaf.agent.session;

/**
 * This process, for the coordinator to tell from earlier ones of the same name.
 *
 * @param id drawn at random
 * @param startedAt when the process started, in milliseconds since 1970 by the clock of this host
 */
public record Incarnation(String id, long startedAt) {}
