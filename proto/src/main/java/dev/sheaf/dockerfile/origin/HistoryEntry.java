package dev.sheaf.dockerfile.origin;

/**
 * An entry of an image config's {@code history}.
 *
 * @param createdBy what made it: {@code RUN /bin/sh -c make # buildkit}
 * @param emptyLayer it made no layer
 */
public record HistoryEntry(String createdBy, boolean emptyLayer) {}
