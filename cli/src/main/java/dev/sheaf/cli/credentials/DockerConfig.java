package dev.sheaf.cli.credentials;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import dev.sheaf.cli.process.Tool;
import dev.sheaf.cli.process.ToolException;
import dev.sheaf.v1.RegistryCredential;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Docker's {@code config.json}: credentials in it, and the programs that keep others. */
public final class DockerConfig {
    static final String DOCKER_HUB = "docker.io";

    /** Under this name Docker stores credentials of Docker Hub. */
    private static final String DOCKER_HUB_SERVER = "https://index.docker.io/v1/";

    private static final Duration HELPER_LIMIT = Duration.ofSeconds(10);
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Path file;
    private final JsonNode config;
    private final Map<String, String> environment;

    private DockerConfig(Path file, JsonNode config, Map<String, String> environment) {
        this.file = file;
        this.config = config;
        this.environment = Map.copyOf(environment);
    }

    /** Reads the configuration from {@code DOCKER_CONFIG} or the home directory. No file: no credentials. */
    public static DockerConfig load(Map<String, String> environment, Path home) throws CredentialException {
        String configured = environment.getOrDefault("DOCKER_CONFIG", "");
        Path directory = configured.isEmpty() ? home.resolve(".docker") : Path.of(configured);
        Path file = directory.resolve("config.json");
        try {
            JsonNode config = JSON.readTree(Files.readAllBytes(file));
            if (config == null || !config.isObject()) {
                throw new CredentialException(file + " is not a JSON object; repair or remove it");
            }
            return new DockerConfig(file, config, environment);
        } catch (NoSuchFileException _) {
            return new DockerConfig(file, JsonNodeFactory.instance.objectNode(), environment);
        } catch (JacksonException e) {
            // Its message quotes the file, which holds passwords.
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            throw new CredentialException(file + " is not valid JSON (line " + line + "); repair or remove it");
        } catch (IOException _) {
            throw new CredentialException("cannot read " + file + "; check its permissions");
        }
    }

    /** Registries that the file names, as image references name them. */
    public Set<String> registries() {
        Set<String> names = new TreeSet<>();
        config.path("auths").fieldNames().forEachRemaining(server -> names.add(registryOf(server)));
        config.path("credHelpers").fieldNames().forEachRemaining(server -> names.add(registryOf(server)));
        return names;
    }

    /** The credentials for a registry: from its helper, the common store, or the file. */
    public Optional<RegistryCredential> credential(String registry) throws CredentialException, InterruptedException {
        for (Map.Entry<String, JsonNode> helper : config.path("credHelpers").properties()) {
            if (registryOf(helper.getKey()).equals(registry)) {
                return ask(helper.getValue().asText(""), registry, helper.getKey());
            }
        }
        String store = config.path("credsStore").asText("");
        if (!store.isEmpty()) {
            Optional<RegistryCredential> stored =
                    ask(store, registry, registry.equals(DOCKER_HUB) ? DOCKER_HUB_SERVER : registry);
            if (stored.isPresent()) {
                return stored;
            }
        }
        for (Map.Entry<String, JsonNode> auth : config.path("auths").properties()) {
            if (registryOf(auth.getKey()).equals(registry)) {
                Optional<RegistryCredential> found = inFile(registry, auth.getValue());
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private Optional<RegistryCredential> inFile(String registry, JsonNode auth) throws CredentialException {
        String identityToken = auth.path("identitytoken").asText("");
        if (!identityToken.isEmpty()) {
            return Optional.of(RegistryCredential.newBuilder()
                    .setRegistry(registry)
                    .setIdentityToken(identityToken)
                    .build());
        }
        String username = auth.path("username").asText("");
        String password = auth.path("password").asText("");
        String encoded = auth.path("auth").asText("");
        if (!encoded.isEmpty()) {
            String pair = decode(registry, encoded);
            int colon = pair.indexOf(':');
            if (colon <= 0) {
                throw unusable(registry);
            }
            username = pair.substring(0, colon);
            password = pair.substring(colon + 1);
        }
        return username.isEmpty() ? Optional.empty() : Optional.of(basic(registry, username, password));
    }

    private String decode(String registry, String encoded) throws CredentialException {
        try {
            String pair = new String(Base64.getDecoder().decode(encoded.strip()), StandardCharsets.UTF_8);
            // Some tools pad the password.
            return pair.replace("\0", "");
        } catch (IllegalArgumentException _) {
            throw unusable(registry);
        }
    }

    private CredentialException unusable(String registry) {
        return new CredentialException("the \"auth\" of " + registry + " in " + file
                + " is not base64 of user:password; run docker login " + registry + " again");
    }

    private Optional<RegistryCredential> ask(String helper, String registry, String server)
            throws CredentialException, InterruptedException {
        String program = "docker-credential-" + helper;
        if (!helper.matches("[A-Za-z0-9._-]+")) {
            throw new CredentialException(file + " names a credential helper that is no program name");
        }
        try {
            Tool.Outcome outcome = new Tool(program, environment).run(List.of("get"), server + "\n", HELPER_LIMIT);
            if (outcome.exitCode() == 0) {
                return answer(program, registry, outcome.output());
            }
            String said = (outcome.output() + outcome.errors()).toLowerCase(Locale.ROOT);
            if (said.contains("not found")) {
                return Optional.empty();
            }
            throw new CredentialException(program + " failed for " + registry + " with exit code " + outcome.exitCode()
                    + "; run it by hand to see why: echo " + server + " | " + program + " get");
        } catch (ToolException e) {
            throw new CredentialException("cannot get the credentials of " + registry + ": " + e.getMessage()
                    + "; install it or change " + file);
        }
    }

    private static Optional<RegistryCredential> answer(String program, String registry, String output)
            throws CredentialException {
        JsonNode answer;
        try {
            answer = JSON.readTree(output);
        } catch (JacksonException _) {
            answer = JsonNodeFactory.instance.missingNode();
        }
        String username = answer.path("Username").asText("");
        String secret = answer.path("Secret").asText("");
        if (!answer.isObject()) {
            throw new CredentialException(program + " gave no JSON for " + registry);
        }
        if (secret.isEmpty()) {
            return Optional.empty();
        }
        if (username.equals("<token>")) {
            return Optional.of(RegistryCredential.newBuilder()
                    .setRegistry(registry)
                    .setIdentityToken(secret)
                    .build());
        }
        return Optional.of(basic(registry, username, secret));
    }

    private static RegistryCredential basic(String registry, String username, String password) {
        return RegistryCredential.newBuilder()
                .setRegistry(registry)
                .setUsername(username)
                .setPassword(password)
                .build();
    }

    /** The name that image references use, of a server as the file names it. */
    private static String registryOf(String server) {
        int scheme = server.indexOf("://");
        String rest = scheme < 0 ? server : server.substring(scheme + 3);
        int slash = rest.indexOf('/');
        String host = (slash < 0 ? rest : rest.substring(0, slash)).toLowerCase(Locale.ROOT);
        return host.equals("index.docker.io") || host.equals("registry-1.docker.io") ? DOCKER_HUB : host;
    }
}
