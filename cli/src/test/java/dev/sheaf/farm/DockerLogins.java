package dev.sheaf.farm;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.Map;

/** Docker configurations of a test's own, each as the environment that makes programs read it. */
final class DockerLogins {
    private final Path directory;

    DockerLogins(Path directory) {
        this.directory = directory;
    }

    /** No credentials at all. */
    Map<String, String> none() throws IOException {
        return configuration("{}");
    }

    /** As docker login writes them without a store. */
    Map<String, String> auths(String registry, String user, String password) throws IOException {
        return configuration("{\"auths\":{\"" + registry + "\":{\"auth\":\"" + base64(user + ":" + password) + "\"}}}");
    }

    Map<String, String> identityToken(String registry, String token) throws IOException {
        return configuration("{\"auths\":{\"" + registry + "\":{\"identitytoken\":\"" + token + "\"}}}");
    }

    /** A helper for this registry. User "<token>": the secret is an identity token. */
    Map<String, String> credHelpers(String registry, String user, String secret) throws IOException {
        return withHelper("{\"credHelpers\":{\"" + registry + "\":\"it\"}}", registry, user, secret);
    }

    /** A helper for all registries. */
    Map<String, String> credsStore(String registry, String user, String secret) throws IOException {
        return withHelper("{\"auths\":{\"" + registry + "\":{}},\"credsStore\":\"it\"}", registry, user, secret);
    }

    private Map<String, String> withHelper(String json, String registry, String user, String secret)
            throws IOException {
        Path bin = Files.createTempDirectory(directory, "bin");
        Path helper =
                Files.writeString(bin.resolve("docker-credential-it"), """
                #!/bin/sh
                [ "$1" = get ] || exit 1
                read -r server
                if [ "$server" = '%s' ]; then
                    echo '{"ServerURL":"%s","Username":"%s","Secret":"%s"}'
                else
                    echo "credentials not found in native keychain"
                    exit 1
                fi
                """.formatted(registry, registry, user, secret));
        Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwxr-xr-x"));
        return Map.of(
                "DOCKER_CONFIG", configuration(json).get("DOCKER_CONFIG"), "PATH", bin + ":" + System.getenv("PATH"));
    }

    private Map<String, String> configuration(String json) throws IOException {
        Path configuration = Files.createTempDirectory(directory, "docker");
        Files.writeString(configuration.resolve("config.json"), json);
        return Map.of("DOCKER_CONFIG", configuration.toString());
    }

    private static String base64(String text) {
        return Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8));
    }
}
