package dev.sheaf.cli.credentials;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.v1.RegistryCredential;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DockerConfigTest {
    @TempDir
    Path home;

    private DockerConfig config(String json) throws IOException, CredentialException {
        Files.writeString(home.resolve("config.json"), json);
        return DockerConfig.load(
                Map.of("DOCKER_CONFIG", home.toString(), "PATH", home + ":/usr/bin:/bin"), home.resolve("none"));
    }

    private static String encoded(String pair) {
        return Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
    }

    private void helper(String name, String script) throws IOException {
        Path file = home.resolve("docker-credential-" + name);
        Files.writeString(file, "#!/bin/sh\n" + script);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    @Test
    void credential_inFile_isDecoded() throws Exception {
        DockerConfig config = config("""
                {"auths": {"https://index.docker.io/v1/": {"auth": "%s"}, "r.example.com:5000": {"identitytoken": "t"},
                 "empty.example.com": {}}}
                """.formatted(encoded("ann:pa:ss")));
        RegistryCredential hub = config.credential("docker.io").orElseThrow();
        assertThat(hub.getUsername()).isEqualTo("ann");
        assertThat(hub.getPassword()).isEqualTo("pa:ss");
        assertThat(config.credential("r.example.com:5000").orElseThrow().getIdentityToken())
                .isEqualTo("t");
        assertThat(config.credential("empty.example.com")).isEmpty();
        assertThat(config.credential("other.example.com")).isEmpty();
    }

    @Test
    void credential_helper_isAskedThroughStdin() throws Exception {
        helper("one", "read server\nprintf '{\"Username\":\"u-%s\",\"Secret\":\"s\"}' \"$server\"\n");
        helper("two", "cat >/dev/null; echo 'credentials not found in native keychain'; exit 1\n");
        DockerConfig config = config("{\"credHelpers\": {\"a.example.com\": \"one\"}, \"credsStore\": \"two\"}");
        assertThat(config.credential("a.example.com").orElseThrow().getUsername())
                .isEqualTo("u-a.example.com");
        assertThat(config.credential("b.example.com")).isEmpty();
    }

    @Test
    void credential_helperFails_isOneLineWithoutItsOutput() throws Exception {
        helper("bad", "echo hunter2; echo hunter2 >&2; exit 3\n");
        DockerConfig config = config("{\"credHelpers\": {\"a.example.com\": \"bad\", \"b.example.com\": \"absent\"}}");
        assertThatThrownBy(() -> config.credential("a.example.com"))
                .isInstanceOf(CredentialException.class)
                .hasMessageContaining("exit code 3")
                .hasMessageNotContaining("hunter2")
                .hasMessageNotContaining("\n");
        assertThatThrownBy(() -> config.credential("b.example.com"))
                .hasMessageContaining("docker-credential-absent is not on the PATH");
    }

    @Test
    void load_brokenFile_namesItWithoutQuotingIt() {
        assertThatThrownBy(() -> config("{\"auths\": hunter2}"))
                .hasMessageContaining("is not valid JSON (line 1)")
                .hasMessageNotContaining("hunter2");
    }

    @Test
    void select_onlyWhatTheBuildNames_leavesTheMachine() throws Exception {
        String auth = "{\"auth\": \"" + encoded("u:p") + "\"}";
        DockerConfig config = config(
                "{\"auths\": {\"docker.io\": %1$s, \"push.example.com\": %1$s, \"base.example.com\":".formatted(auth)
                        + " %1$s, \"arg.example.com\": %1$s, \"other.example.com\": %1$s}}".formatted(auth));
        CredentialSelector selector = new CredentialSelector(config);
        assertThat(names(selector.forTree(
                        List.of("push.example.com/a:1"),
                        "FROM --platform=$BUILDPLATFORM base.example.com/b AS x\nARG I\nCOPY a b\n",
                        Map.of("I", "arg.example.com/i:2"))))
                .containsExactly("arg.example.com", "base.example.com", "push.example.com");
        assertThat(names(selector.forTree(List.of(), "from busybox\n", Map.of())))
                .containsExactly("docker.io");
        assertThat(names(selector.forTree(List.of(), "FROM scratch\n", Map.of())))
                .isEmpty();
        assertThat(names(selector.forUrl(List.of(), Map.of()))).hasSize(5);
    }

    private static List<String> names(List<RegistryCredential> credentials) {
        return credentials.stream().map(RegistryCredential::getRegistry).toList();
    }
}
