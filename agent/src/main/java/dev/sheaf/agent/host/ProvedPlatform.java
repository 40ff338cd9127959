package dev.sheaf.agent.host;

import dev.sheaf.image.Platform;

/**
 * A platform that this machine runs without an emulator.
 *
 * @param proof one line: what shows it
 */
public record ProvedPlatform(Platform platform, String proof) {}
