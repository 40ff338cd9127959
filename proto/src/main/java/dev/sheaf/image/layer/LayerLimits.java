package dev.sheaf.image.layer;

/**
 * How much a layer may be. Exceeding any of these ends the reading with a sentence that names it.
 *
 * @param compressedBytes of the blob
 * @param bytes of the tar inside, which a small blob can make large
 * @param entries of the tar
 * @param facts programs, scripts and links that are remembered
 * @param factCharacters of all paths and link targets that are remembered
 * @param headerBytes of one entry's headers: long names, pax records, sparse maps
 */
public record LayerLimits(
        long compressedBytes, long bytes, long entries, int facts, long factCharacters, int headerBytes) {
    private static final long GIB = 1L << 30;

    /** What is refused is far beyond what engines make of honest builds. */
    public static final LayerLimits DEFAULT =
            new LayerLimits(32 * GIB, 128 * GIB, 2_000_000, 300_000, 48L << 20, 1 << 20);

    /** Refuses limits that refuse everything. */
    public LayerLimits {
        if (Math.min(compressedBytes, bytes) <= 0 || Math.min(entries, factCharacters) <= 0 || facts <= 0) {
            throw new IllegalArgumentException("a limit of layers must be positive");
        }
        if (headerBytes < 16_384) {
            throw new IllegalArgumentException("headerBytes is " + headerBytes + ", and must be at least 16384");
        }
    }
}
