package dev.sheaf.agent.engine.session;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.buildkit.auth.CredentialsRequest;
import dev.sheaf.buildkit.auth.CredentialsResponse;
import dev.sheaf.buildkit.secrets.GetSecretRequest;
import dev.sheaf.buildkit.secrets.GetSecretResponse;
import dev.sheaf.v1.RegistryCredential;
import io.grpc.Metadata;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class SessionServicesTest {

    private final AuthService auth = new AuthService(List.of(
            RegistryCredential.newBuilder()
                    .setRegistry("docker.io")
                    .setUsername("hub")
                    .setPassword("p")
                    .build(),
            RegistryCredential.newBuilder()
                    .setRegistry("registry.example.com:5000")
                    .setIdentityToken("token")
                    .build()));

    @ParameterizedTest
    @ValueSource(strings = {"docker.io", "https://index.docker.io/v1/", "registry-1.docker.io", "index.docker.io"})
    void credentials_namesOfDockerHub_areOneRegistry(String host) {
        assertThat(ask(host).getUsername()).isEqualTo("hub");
    }

    @Test
    void credentials_identityToken_isASecretWithoutUser() {
        assertThat(ask("registry.example.com:5000").getSecret()).isEqualTo("token");
        assertThat(ask("registry.example.com:5000").getUsername()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "registry.example.com", "example.com:5000", "docker.io.example.com"})
    void credentials_otherHost_areAnonymous(String host) {
        assertThat(ask(host)).isEqualTo(CredentialsResponse.getDefaultInstance());
    }

    @Test
    void getSecret_unknown_isNotFound() {
        Answer<GetSecretResponse> answer = new Answer<>();

        new SecretsService(List.of())
                .getSecret(GetSecretRequest.newBuilder().setID("x").build(), answer);

        assertThat(answer.errors)
                .singleElement()
                .satisfies(error ->
                        assertThat(Status.fromThrowable(error).getCode()).isEqualTo(Status.Code.NOT_FOUND));
    }

    @Test
    void transferOptions_escapedHeaders_areRead() {
        Metadata headers = new Metadata();
        put(headers, "dir-name", "context");
        put(headers, "followpaths", "a%2Bb+c%C3%A9");
        put(headers, "followpaths", "d");
        put(headers, "followpaths-encoded", "1");
        put(headers, "exclude-patterns", "100%25+x");

        TransferOptions options = TransferOptions.of(headers);

        assertThat(options.directory()).isEqualTo("context");
        assertThat(options.followPaths()).containsExactly("a+b c\u00e9", "d");
        assertThat(options.excludes()).containsExactly("100%25+x");
        assertThat(options.includes()).isEmpty();
    }

    private CredentialsResponse ask(String host) {
        Answer<CredentialsResponse> answer = new Answer<>();
        auth.credentials(CredentialsRequest.newBuilder().setHost(host).build(), answer);
        return answer.values.getFirst();
    }

    private static void put(Metadata headers, String name, String value) {
        headers.put(Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER), value);
    }

    private static final class Answer<T> implements StreamObserver<T> {

        private final List<T> values = new ArrayList<>();
        private final List<Throwable> errors = new ArrayList<>();

        @Override
        public void onNext(T value) {
            values.add(value);
        }

        @Override
        public void onError(Throwable error) {
            errors.add(error);
        }

        @Override
        public void onCompleted() {}
    }
}
