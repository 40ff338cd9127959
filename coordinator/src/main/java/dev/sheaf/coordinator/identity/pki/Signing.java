package dev.sheaf.coordinator.identity.pki;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;

/** Whether two halves of a key belong together. */
final class Signing {
    private static final byte[] SAMPLE = "a sample to sign".getBytes(StandardCharsets.US_ASCII);

    private Signing() {}

    static boolean isPair(PrivateKey key, PublicKey other) throws GeneralSecurityException {
        String algorithm = "SHA256with" + ("EC".equals(key.getAlgorithm()) ? "ECDSA" : key.getAlgorithm());
        Signature signing = Signature.getInstance(algorithm);
        signing.initSign(key);
        signing.update(SAMPLE);
        byte[] signature = signing.sign();
        signing.initVerify(other);
        signing.update(SAMPLE);
        return signing.verify(signature);
    }
}
