package dev.sheaf.agent.identity;

import dev.sheaf.endpoint.FarmAddress;
import dev.sheaf.endpoint.tls.ClientKey;
import dev.sheaf.endpoint.tls.Pem;
import dev.sheaf.endpoint.tls.Pin;
import dev.sheaf.endpoint.tls.PrivateFile;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.spec.InvalidKeySpecException;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Collectors;

/** The agent's identity in one file, which only its user can read; replaced as a whole. */
public final class AgentState {
    private static final String FILE = "identity.properties";

    private final Path directory;

    /** The directory may be there or not. */
    public AgentState(Path directory) {
        this.directory = directory;
    }

    /** Empty: this host has joined no farm. Throws IllegalArgumentException with one sentence if the file is damaged. */
    public Optional<FarmIdentity> load() {
        Path file = directory.resolve(FILE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try {
            Properties properties = new Properties();
            properties.load(new StringReader(Files.readString(file)));
            ClientKey key = new ClientKey(
                    Pem.privateKey(properties.getProperty("key", ""), "EC"),
                    Pem.certificates(properties.getProperty("certificate", "")));
            return Optional.of(new FarmIdentity(
                    FarmAddress.parseList(properties.getProperty("coordinator", "")),
                    new Pin(properties.getProperty("pin", "")),
                    properties.getProperty("name", ""),
                    key));
        } catch (IOException | InvalidKeySpecException | CertificateException | IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "the identity in " + file + " cannot be read: remove it, and join again with \"sheaf-agent join\"",
                    e);
        }
    }

    /** Keeps it in the place of what was there. */
    public void store(FarmIdentity identity) throws IOException {
        Properties properties = new Properties();
        properties.setProperty(
                "coordinator",
                identity.coordinators().stream().map(FarmAddress::toString).collect(Collectors.joining(",")));
        properties.setProperty("pin", identity.pin().sha256());
        properties.setProperty("name", identity.name());
        properties.setProperty("key", Pem.write(identity.key().key()));
        properties.setProperty("certificate", Pem.write(identity.key().chain()));
        StringWriter text = new StringWriter();
        properties.store(text, "The agent's identity in its farm. Nobody else may read it.");
        PrivateFile.replace(directory.resolve(FILE), text.toString());
    }
}
