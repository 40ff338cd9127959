package dev.sheaf.endpoint.tls;

import java.util.regex.Pattern;

/**
 * What an operator hands to a person or a host, once. It opens the farm whose authority has the pinned key, and no
 * other: who holds it can tell the farm from whoever answers in its place.
 *
 * @param id names the token; not secret
 * @param secret 256 random bits
 */
public record Token(Kind kind, String id, String secret, Pin pin) {
    private static final Pattern ID = Pattern.compile("[0-9a-f]{16}");
    private static final Pattern SECRET = Pattern.compile("[A-Za-z0-9_-]{43}");
    private static final int PARTS = 4;

    /** What a token is for. */
    public enum Kind {
        /** For one agent, to join. */
        JOIN("sheafjoin1"),
        /** For a user's command line. */
        USER("sheafuser1");

        private final String prefix;

        Kind(String prefix) {
            this.prefix = prefix;
        }
    }

    /** Refuses what no farm has made, without repeating it. */
    public Token {
        if (!ID.matcher(id).matches() || !SECRET.matcher(secret).matches()) {
            throw new IllegalArgumentException("the token is damaged: copy it again, whole");
        }
    }

    /** Reads a token; throws IllegalArgumentException with one sentence that does not hold it. */
    public static Token parse(Kind kind, String text) {
        String[] parts = text.strip().split("\\.", -1);
        if (!parts[0].equals(kind.prefix)) {
            throw new IllegalArgumentException(
                    "this is not a token that begins with \"" + kind.prefix + ".\": " + origin(kind));
        }
        if (parts.length != PARTS) {
            throw new IllegalArgumentException("the token is not whole: it has " + PARTS + " parts between dots, found "
                    + parts.length + "; copy it again");
        }
        return new Token(kind, parts[1], parts[2], new Pin(parts[3]));
    }

    private static String origin(Kind kind) {
        return switch (kind) {
            case JOIN -> "an operator makes one with \"sheaf agents invite\"";
            case USER -> "an operator makes one with \"sheaf users add\"";
        };
    }

    /** Id and secret, as calls bring them; the pin is for the holder. */
    public String credential() {
        return kind.prefix + "." + id + "." + secret;
    }

    /** The whole token, to be shown once. */
    public String text() {
        return credential() + "." + pin.sha256();
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return kind.prefix + "." + id;
    }
}
