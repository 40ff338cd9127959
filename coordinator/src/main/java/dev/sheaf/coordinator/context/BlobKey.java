package dev.sheaf.coordinator.context;

import dev.sheaf.image.Digest;

/**
 * A blob as one team's. Two teams that brought the same bytes have a blob each: otherwise a team could be given, or
 * learn of, what only another has.
 *
 * @param team empty: brought in clear text, on the coordinator's machine
 */
record BlobKey(String team, Digest digest) {}
