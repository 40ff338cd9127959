package dev.sheaf.image;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** The identity of content: {@code sha256:} and 64 lower-case hex digits. */
public record Digest(String value) implements Comparable<Digest> {
    private static final String PREFIX = "sha256:";
    private static final Pattern FORM = Pattern.compile("sha256:[0-9a-f]{64}");

    /** Refuses anything that is not exactly a sha256 digest. */
    public Digest {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "\"" + shortened(value) + "\" is not a digest: expected \"sha256:\" and 64 lower-case hex digits");
        }
    }

    /** Reads the form {@code sha256:<hex>}. */
    public static Digest parse(String text) {
        return new Digest(text);
    }

    /** The digest of these bytes. */
    public static Digest of(byte[] content) {
        return ofHash(newHash().digest(content));
    }

    /** The digest whose SHA-256 hash was computed elsewhere. */
    public static Digest ofHash(byte[] sha256) {
        return new Digest(PREFIX + HexFormat.of().formatHex(sha256));
    }

    /** A fresh SHA-256, for content that is streamed. */
    public static MessageDigest newHash() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** The 64 hex digits alone. */
    public String hex() {
        return value.substring(PREFIX.length());
    }

    @Override
    public int compareTo(Digest other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }

    private static String shortened(String text) {
        return text.length() <= 100 ? text : text.substring(0, 100) + "...";
    }
}
