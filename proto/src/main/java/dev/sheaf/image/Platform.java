package dev.sheaf.image;

import java.util.Comparator;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * What a slice is built for, in GOOS/GOARCH words, always normalised as containerd does: {@code linux/arm64/v8} is
 * {@code linux/arm64}, {@code x86_64} is {@code amd64}. The variant is empty where the architecture has none.
 */
public record Platform(String os, String architecture, String variant) implements Comparable<Platform> {
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,63}");
    private static final Comparator<Platform> ORDER = Comparator.comparing(Platform::os)
            .thenComparing(Platform::architecture)
            .thenComparing(Platform::variant);

    /** What attestation manifests state in an index. */
    public static final Platform UNKNOWN = new Platform("unknown", "unknown", "");

    /** Normalises what is given; refuses empty or malformed words. */
    public Platform {
        requireWord("operating system", os);
        requireWord("architecture", architecture);
        if (!variant.isEmpty()) {
            requireWord("variant", variant);
        }
        os = normalOs(os.toLowerCase(Locale.ROOT));
        String named = architecture.toLowerCase(Locale.ROOT);
        architecture = normalArchitecture(named);
        variant = normalVariant(named, variant.toLowerCase(Locale.ROOT));
    }

    /** A platform without variant. */
    public static Platform of(String os, String architecture) {
        return new Platform(os, architecture, "");
    }

    /** A platform; the variant may be empty. */
    public static Platform of(String os, String architecture, String variant) {
        return new Platform(os, architecture, variant);
    }

    /** Reads {@code os/architecture[/variant]} as users write it; throws IllegalArgumentException with one sentence. */
    public static Platform parse(String text) {
        String[] parts = text.split("/", -1);
        if (parts.length < 2 || parts.length > 3 || (parts.length == 3 && parts[2].isEmpty())) {
            throw new IllegalArgumentException("\"" + text
                    + "\" is not a platform: write os/architecture[/variant], such as linux/amd64 or linux/arm/v7");
        }
        Platform platform;
        try {
            platform = new Platform(parts[0], parts[1], parts.length == 3 ? parts[2] : "");
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("\"" + text + "\" is not a platform: " + e.getMessage(), e);
        }
        if (platform.isUnknown()) {
            throw new IllegalArgumentException("\"" + text + "\" is not a platform that an image can be built for");
        }
        return platform;
    }

    /** Whether this is what attestation manifests state, rather than something that runs. */
    public boolean isUnknown() {
        return os.equals("unknown") || architecture.equals("unknown");
    }

    @Override
    public int compareTo(Platform other) {
        return ORDER.compare(this, other);
    }

    @Override
    public String toString() {
        return os + "/" + architecture + (variant.isEmpty() ? "" : "/" + variant);
    }

    private static void requireWord(String what, String word) {
        if (!WORD.matcher(word).matches()) {
            throw new IllegalArgumentException("the " + what + " \"" + word + "\" is not a word of letters and digits");
        }
    }

    private static String normalOs(String os) {
        return os.equals("macos") ? "darwin" : os;
    }

    private static String normalArchitecture(String named) {
        return switch (named) {
            case "x86_64", "x86-64" -> "amd64";
            case "i386" -> "386";
            case "aarch64" -> "arm64";
            case "armhf", "armel" -> "arm";
            default -> named;
        };
    }

    private static String normalVariant(String named, String variant) {
        return switch (named) {
            case "i386", "386" -> "";
            case "x86_64", "x86-64", "amd64" -> variant.equals("v1") ? "" : variant;
            case "aarch64", "arm64" ->
                switch (variant) {
                    case "8", "v8", "v8.0" -> "";
                    case "9", "9.0", "v9.0" -> "v9";
                    default -> variant;
                };
            case "armhf" -> "v7";
            case "armel" -> "v6";
            case "arm" ->
                switch (variant) {
                    case "", "7" -> "v7";
                    case "5", "6", "8" -> "v" + variant;
                    default -> variant;
                };
            default -> variant;
        };
    }
}
