package dev.sheaf.endpoint.tls;

import io.grpc.ChannelCredentials;
import io.grpc.netty.GrpcSslContexts;
import io.grpc.netty.NettySslContextChannelCredentials;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLException;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;

/** Connections to a farm: TLS 1.3, the farm's authority, and the name that was called in its certificate. */
public final class FarmTls {
    /** The versions of TLS that the farm speaks. */
    public static final List<String> PROTOCOLS = List.of("TLSv1.3");

    private FarmTls() {}

    /** For a channel; gRPC compares the name in the certificate with the one that is called. */
    public static ChannelCredentials credentials(FarmTrust trust, Optional<ClientKey> key) {
        try {
            SslContextBuilder builder = GrpcSslContexts.configure(SslContextBuilder.forClient(), SslProvider.JDK)
                    .protocols(PROTOCOLS)
                    .trustManager(trustManager(trust));
            key.ifPresent(mine -> builder.keyManager(mine.key(), mine.chain()));
            return NettySslContextChannelCredentials.create(builder.build());
        } catch (SSLException | GeneralSecurityException e) {
            throw new IllegalStateException("this Java cannot speak TLS 1.3 as the farm does: " + e.getMessage(), e);
        }
    }

    private static TrustManager trustManager(FarmTrust trust) throws GeneralSecurityException {
        return switch (trust) {
            case FarmTrust.Pinned(Pin pin) -> new PinnedTrust(pin);
            case FarmTrust.Authorities(List<X509Certificate> certificates) -> trusting(certificates);
        };
    }

    static X509ExtendedTrustManager trusting(List<X509Certificate> authorities) throws GeneralSecurityException {
        KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
        try {
            store.load(null, null);
        } catch (IOException e) {
            throw new GeneralSecurityException("an empty key store cannot be made", e);
        }
        for (int i = 0; i < authorities.size(); i++) {
            store.setCertificateEntry("authority-" + i, authorities.get(i));
        }
        TrustManagerFactory factory = TrustManagerFactory.getInstance("PKIX");
        factory.init(store);
        for (TrustManager manager : factory.getTrustManagers()) {
            if (manager instanceof X509ExtendedTrustManager extended) {
                return extended;
            }
        }
        throw new GeneralSecurityException("this Java has no PKIX trust manager");
    }
}
