package dev.sheaf.endpoint.tls;

import dev.sheaf.endpoint.FarmAddress;
import java.io.IOException;
import java.net.Socket;
import java.security.NoSuchAlgorithmException;
import java.security.cert.CertificateException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/** Whether a port speaks TLS: a server that does closes a connection in clear text without a word. */
public final class TlsProbe {
    private TlsProbe() {}

    /** Begins a handshake and says nothing more; whatever certificate comes, trusted or not, is the answer. */
    public static boolean speaksTls(FarmAddress address, Duration patience) {
        int millis = Math.toIntExact(patience.toMillis());
        try (Socket plain = new Socket()) {
            plain.connect(address.socketAddress(), millis);
            plain.setSoTimeout(millis);
            return shakesHands(plain, address);
        } catch (IOException e) {
            return false; // nobody is there, or it does not answer
        }
    }

    private static boolean shakesHands(Socket plain, FarmAddress address) {
        try (SSLSocket socket = (SSLSocket)
                SSLContext.getDefault().getSocketFactory().createSocket(plain, address.host(), address.port(), true)) {
            socket.startHandshake();
            return true;
        } catch (IOException e) {
            for (Throwable cause = e; cause != null; cause = cause.getCause()) {
                if (cause instanceof CertificateException) {
                    return true;
                }
            }
            return false;
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java has no TLS", e);
        }
    }

    /** What to tell whoever spoke clear text to such a port. */
    public static String sentence(String farm) {
        return farm + " speaks TLS, and this program spoke clear text: log in there with \"sheaf login " + farm
                + "\", or join an agent with \"sheaf-agent join " + farm + "\"";
    }
}
