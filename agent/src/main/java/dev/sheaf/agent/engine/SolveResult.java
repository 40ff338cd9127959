package dev.sheaf.agent.engine;

/**
 * What was built.
 *
 * @param digest "sha256:..." of what was pushed, a manifest or an index of one and its attestations; without push: of
 *     what would have been, or of its config where images are in Docker's classic store
 */
public record SolveResult(String digest) {}
