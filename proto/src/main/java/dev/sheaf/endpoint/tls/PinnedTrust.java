package dev.sheaf.endpoint.tls;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;

/**
 * Trusts what the authority with the pinned key vouches for. The server sends that authority's certificate along; all
 * else is Java's usual check against it: signatures, dates, purpose and the name that was called.
 */
final class PinnedTrust extends X509ExtendedTrustManager {
    private final Pin pin;

    PinnedTrust(Pin pin) {
        this.pin = pin;
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        authority(chain).checkServerTrusted(chain, type, engine);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        authority(chain).checkServerTrusted(chain, type, socket);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("a server is not trusted without its name");
    }

    private X509ExtendedTrustManager authority(X509Certificate[] chain) throws CertificateException {
        List<X509Certificate> pinned = Stream.of(chain).filter(pin::isOf).toList();
        if (pinned.isEmpty()) {
            throw new ForeignAuthorityException();
        }
        try {
            return FarmTls.trusting(pinned);
        } catch (GeneralSecurityException e) {
            throw new CertificateException("the farm's authority cannot be used", e);
        }
    }

    /** Nobody in the chain has the pinned key. */
    static final class ForeignAuthorityException extends CertificateException {
        private static final long serialVersionUID = 1;

        ForeignAuthorityException() {
            super("the authority is not the one that the token names");
        }
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) throws CertificateException {
        throw new CertificateException("this is the client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) throws CertificateException {
        throw new CertificateException("this is the client");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) throws CertificateException {
        throw new CertificateException("this is the client");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
