package dev.sheaf.cli.client;

import dev.sheaf.endpoint.tls.FarmTrust;
import dev.sheaf.endpoint.tls.Token;
import java.util.Optional;

/** How the farm is spoken with. */
public sealed interface Access {
    /** In clear text: on this machine. */
    record Plaintext() implements Access {}

    /**
     * Over TLS.
     *
     * @param token empty: as nobody
     */
    record Secure(FarmTrust trust, Optional<Token> token) implements Access {}
}
