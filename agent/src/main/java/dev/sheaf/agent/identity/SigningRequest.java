package dev.sheaf.agent.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.spec.ECGenParameterSpec;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.pkcs.jcajce.JcaPKCS10CertificationRequestBuilder;

/** Keys, and the requests that prove that we have them. */
final class SigningRequest {
    private SigningRequest() {}

    static KeyPair newKey(SecureRandom random) {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(new ECGenParameterSpec("secp256r1"), random);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this Java makes no P-256 keys", e);
        }
    }

    /** PKCS #10, DER. The farm reads no name in it. */
    static byte[] of(PublicKey key, PrivateKey signer) {
        try {
            return new JcaPKCS10CertificationRequestBuilder(new X500Name("CN=agent"), key)
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer))
                    .getEncoded();
        } catch (IOException | OperatorCreationException e) {
            throw new IllegalStateException("a signing request cannot be made", e);
        }
    }
}
