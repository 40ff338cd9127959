package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import dev.sheaf.testregistry.TokenServer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Registries that want credentials: who gets in, and what those hear who do not. */
@Tag("lab")
final class CredentialsIT {
    private static final String REPOSITORY = "team/app";

    @TempDir
    private Path directory;

    private Farm farm;
    private DockerLogins logins;

    @BeforeEach
    void startFarm() throws Exception {
        farm = Farm.start(directory);
        farm.agent("amd64-1", "linux/amd64");
        logins = new DockerLogins(directory);
    }

    @AfterEach
    void stopFarm() {
        farm.close();
    }

    @Test
    void passwords_rightOnesBuild_othersHearWhatToDoAndNoTagMoves() throws Exception {
        try (LockedRegistry registry = LockedRegistry.start("--htpasswd", "ann:right-pw")) {
            String host = registry.address();
            succeeds(registry, logins.auths(host, "ann", "right-pw"));
            succeeds(registry, logins.credHelpers(host, "ann", "right-pw"));
            succeeds(registry, logins.credsStore(host, "ann", "right-pw"));
            isRefused(registry, logins.none(), "wants credentials and there are none");
            isRefused(registry, logins.auths(host, "ann", "wrong-pw"), "refused the credentials");
            isRefused(registry, logins.credHelpers(host, "ann", "wrong-pw"), "refused the credentials");
        }
    }

    @Test
    void tokens_rightOnesBuild_othersHearWhatToDoAndNoTagMoves() throws Exception {
        TokenServer.Account account = new TokenServer.Account("ann", "right-pw", "identity-good");
        try (TokenServer tokens = TokenServer.start(directory, account);
                LockedRegistry registry = LockedRegistry.start(
                        "--token-realm",
                        tokens.realm(),
                        "--token-service",
                        "registry",
                        "--token-issuer",
                        "tokens",
                        "--token-certs",
                        tokens.certificateFile().toString())) {
            String host = registry.address();
            succeeds(registry, logins.auths(host, "ann", "right-pw"));
            succeeds(registry, logins.credHelpers(host, "ann", "right-pw"));
            succeeds(registry, logins.credsStore(host, "<token>", "identity-good"));
            isRefused(registry, logins.none(), "wants credentials and there are none");
            isRefused(registry, logins.auths(host, "ann", "wrong-pw"), "refused the credentials");
            isRefused(registry, logins.identityToken(host, "identity-expired"), "refused the credentials");
        }
    }

    private void succeeds(LockedRegistry registry, Map<String, String> login) throws IOException {
        String before = registry.tag(REPOSITORY, "1");
        Farm.Result result = build(registry, login);
        assertThat(result.exitCode()).as(result.all()).isZero();
        assertThat(registry.tag(REPOSITORY, "1")).isNotEmpty().isNotEqualTo(before);
    }

    private void isRefused(LockedRegistry registry, Map<String, String> login, String why) throws IOException {
        String before = registry.tag(REPOSITORY, "1");
        Farm.Result result = build(registry, login);
        assertThat(result.exitCode()).as(result.all()).isEqualTo(77);
        assertThat(result.err().lines().filter(line -> line.startsWith("ERROR:")))
                .as(result.all())
                .singleElement()
                .asString()
                .contains("cannot push to " + registry.address() + "/" + REPOSITORY + ": ", why)
                .contains("docker login " + registry.address());
        assertThat(result.all()).doesNotContain("attempt 2", "tried again", "\tat ", "wrong-pw", "identity-expired");
        assertThat(registry.tag(REPOSITORY, "1")).isEqualTo(before);
    }

    private int builds;

    private Farm.Result build(LockedRegistry registry, Map<String, String> login) throws IOException {
        Path context = farm.context("Dockerfile", "FROM " + Lab.busybox() + "\nENV BUILD=" + ++builds + "\n");
        return farm.run(
                login,
                "build",
                "--progress",
                "plain",
                "--platform",
                "linux/amd64",
                "-t",
                registry.address() + "/" + REPOSITORY + ":1",
                "--push",
                context.toString());
    }
}
