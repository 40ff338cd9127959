package dev.sheaf.coordinator.identity;

import dev.sheaf.endpoint.tls.Pin;
import dev.sheaf.endpoint.tls.Token;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;

/** Makes tokens, and knows them again by a hash. */
public final class Secrets {
    private static final int ID_BYTES = 8;
    private static final int SECRET_BYTES = 32;

    private final SecureRandom random;

    /** Draws from this. */
    public Secrets(SecureRandom random) {
        this.random = random;
    }

    Token draw(Token.Kind kind, Pin pin) {
        return new Token(
                kind,
                HexFormat.of().formatHex(bytes(ID_BYTES)),
                Base64.getUrlEncoder().withoutPadding().encodeToString(bytes(SECRET_BYTES)),
                pin);
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }

    static String hash(String secret) {
        try {
            byte[] bytes = secret.getBytes(StandardCharsets.US_ASCII);
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    /** Takes as long whatever the secret is. */
    static boolean matches(String hash, String secret) {
        return MessageDigest.isEqual(
                hash.getBytes(StandardCharsets.US_ASCII), hash(secret).getBytes(StandardCharsets.US_ASCII));
    }

    /** What a call brought: a token without its pin. */
    record Credential(String id, String secret) {
        private static final String UNPINNED = "0".repeat(64);

        static Credential parse(Token.Kind kind, String text) {
            Token token = Token.parse(kind, text + "." + UNPINNED);
            return new Credential(token.id(), token.secret());
        }
    }
}
