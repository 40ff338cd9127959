package dev.sheaf.coordinator;

import dev.sheaf.coordinator.identity.AgentIdentity;
import dev.sheaf.coordinator.identity.Registrar;
import dev.sheaf.endpoint.tls.Pin;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.List;

/** What a farm without certificates says to those who want one. */
record ClearText() implements Registrar.Authority {
    @Override
    public Pin pin() {
        throw none();
    }

    @Override
    public PublicKey requested(byte[] signingRequest) {
        throw none();
    }

    @Override
    public List<X509Certificate> certify(AgentIdentity agent, PublicKey key) {
        throw none();
    }

    private static IllegalArgumentException none() {
        return new IllegalArgumentException("this farm speaks clear text, on the coordinator's machine only, and there"
                + " everybody may do everything: to let others in, run \"sheaf-coordinator init --name HOST\" and start it"
                + " anew");
    }
}
