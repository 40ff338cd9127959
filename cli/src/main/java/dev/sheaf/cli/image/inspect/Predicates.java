package dev.sheaf.cli.image.inspect;

/** Short names of what attestations state. */
final class Predicates {
    private Predicates() {}

    /** "provenance", "sbom", or the type as it is written. */
    static String name(String type) {
        if (type.startsWith("https://slsa.dev/provenance/")) {
            return "provenance";
        }
        if (type.startsWith("https://spdx.dev/Document") || type.startsWith("https://cyclonedx.org/")) {
            return "sbom";
        }
        return type;
    }
}
