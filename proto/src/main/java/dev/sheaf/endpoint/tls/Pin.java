package dev.sheaf.endpoint.tls;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.HexFormat;
import java.util.regex.Pattern;

/** The SHA-256 of a public key (its SubjectPublicKeyInfo), in hex: enough to know it again. */
public record Pin(String sha256) {
    private static final Pattern FORM = Pattern.compile("[0-9a-f]{64}");

    /** Refuses what is no hash. */
    public Pin {
        if (!FORM.matcher(sha256).matches()) {
            throw new IllegalArgumentException(
                    "the token is damaged: its last part is no SHA-256; copy it again, whole");
        }
    }

    /** Of this key. */
    public static Pin of(PublicKey key) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
            return new Pin(HexFormat.of().formatHex(hash));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no SHA-256", e);
        }
    }

    boolean isOf(X509Certificate certificate) {
        return of(certificate.getPublicKey()).equals(this);
    }

    @Override
    public String toString() {
        return sha256;
    }
}
