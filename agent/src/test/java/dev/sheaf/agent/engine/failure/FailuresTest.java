package dev.sheaf.agent.engine.failure;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import dev.sheaf.v1.Failure;
import dev.sheaf.v1.FailureClass;
import io.grpc.Metadata;
import io.grpc.Status;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class FailuresTest {

    private static final Metadata.Key<byte[]> DETAILS =
            Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            UNKNOWN     | failed to solve: dockerfile parse error on line 2: unknown instruction: FETCH                 | USER
            UNKNOWN     | failed to solve: r/x:1: failed to resolve source metadata for r/x:1: r/x:1: not found          | USER
            UNKNOWN     | failed to compute cache key: failed to calculate checksum of ref a: "/x": not found            | USER
            UNKNOWN     | process "/bin/sh -c curl x # connection refused" did not complete successfully: exit code: 7   | USER
            UNKNOWN     | process "/bin/sh -c make" did not complete successfully: exit code: 137                        | USER
            UNKNOWN     | process "/bin/sh -c make" did not complete successfully: exit code: 137: context canceled      | INFRASTRUCTURE
            CANCELLED   | context canceled                                                                               | INFRASTRUCTURE
            UNKNOWN     | failed to push r/x: unexpected status from HEAD request to http://r/v2/x/blobs/sha256:e9: 401 Unauthorized | AUTHENTICATION
            UNKNOWN     | failed to push r/x: unexpected status from HEAD request to http://r/v2/x/blobs/sha256:e9: 403 Forbidden | AUTHENTICATION
            UNKNOWN     | failed to push r/x: failed to authorize: failed to fetch anonymous token: unexpected status from GET request to http://r/token?scope=repository%3Ax%3Apull&service=s: 401 Unauthorized | AUTHENTICATION
            UNKNOWN     | failed to push r/x: failed to authorize: failed to fetch oauth token: answer without a token    | AUTHENTICATION
            UNKNOWN     | pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed | AUTHENTICATION
            UNKNOWN     | failed to push r/x: failed to authorize: failed to fetch anonymous token: Get "http://127.0.0.1:1/token?scope=repository%3Ax%3Apull&service=s": dial tcp 127.0.0.1:1: connect: connection refused | REGISTRY
            UNKNOWN     | r/x:1: failed to resolve source metadata for r/x:1: failed to authorize: failed to fetch oauth token: unexpected status from POST request to https://r/token: 503 Service Unavailable | REGISTRY
            UNKNOWN     | failed to push r/x: unexpected status from HEAD request to http://r/v2/x/blobs/sha256:e9: 503 Service Unavailable | REGISTRY
            UNKNOWN     | failed to push r/x: unexpected status from HEAD request to http://r/v2/x/blobs/sha256:e9: 429 Too Many Requests | REGISTRY
            UNKNOWN     | failed to push r/x: unexpected status from PUT request to http://r/v2/x/manifests/sha256:e9: 521   | REGISTRY
            UNKNOWN     | failed to push r/x: the blob is not what was sent                                              | REGISTRY
            UNKNOWN     | failed to push 127.0.0.1:1/x: failed to do request: Head "https://127.0.0.1:1/v2/x/blobs/sha256:e9": dial tcp 127.0.0.1:1: connect: connection refused | REGISTRY
            UNKNOWN     | failed to push r/x: failed to do request: Put "https://r/v2/x/blobs/uploads/1": read tcp 127.0.0.1:2->127.0.0.1:1: read: connection reset by peer | REGISTRY
            UNKNOWN     | failed to push r/x: failed to do request: Head "https://r/v2/x/blobs/sha256:e9": EOF           | REGISTRY
            UNKNOWN     | r/x:1: failed to resolve source metadata for r/x:1: unexpected status from HEAD request to http://r/v2/x/manifests/1: 429 Too Many Requests | REGISTRY
            UNKNOWN     | failed to resolve source metadata for r/df:1: failed to do request: Head "https://r/v2/df/manifests/1": dial tcp 127.0.0.1:1: connect: connection refused | REGISTRY
            UNKNOWN     | r/x:1: failed to resolve source metadata for r/x:1: failed to do request: Head "https://r/v2/x/manifests/1": dial tcp: lookup r on 127.0.0.53:53: no such host | REGISTRY
            UNKNOWN     | failed to do request: Head "https://r/v2/x/manifests/1": net/http: TLS handshake timeout       | REGISTRY
            UNKNOWN     | failed to load cache key: Get "http://127.0.0.1:1/f": dial tcp 127.0.0.1:1: connect: connection refused | INFRASTRUCTURE
            UNKNOWN     | failed to push r/x: dial unix /run/containerd/containerd.sock: connect: connection refused     | INFRASTRUCTURE
            UNKNOWN     | failed to copy: write /var/lib/x: no space left on device                                      | INFRASTRUCTURE
            UNKNOWN     | exporter "image" could not be found                                                            | INFRASTRUCTURE
            UNKNOWN     | target stage "nope" could not be found                                                         | USER
            UNKNOWN     | words that nobody has ever seen                                                                | INFRASTRUCTURE
            UNAVAILABLE | Network closed for unknown reason                                                              | INFRASTRUCTURE
            """)
    void of_textOnly_saysWhoseItIs(Status.Code code, String text, String kind) {
        Failure failure = Failures.of(code.toStatus().withDescription(text), new Metadata(), "linux/arm64", Set.of());

        assertThat(failure.getKind()).isEqualTo(FailureClass.valueOf("FAILURE_CLASS_" + kind));
        assertThat(failure.getMessage()).doesNotContain("failed to solve");
        assertThat(failure.getPlatform()).isEqualTo("linux/arm64");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            failed to push r.io/a/x: unexpected status from HEAD request to https://r.io/v2/a/x/blobs/sha256:e9: 401 Unauthorized \
            | r.io | cannot push to r.io/a/x: the registry r.io refused the credentials (401 Unauthorized); run "docker login r.io" or check what they may do
            failed to push r.io/a/x: failed to authorize: failed to fetch anonymous token: unexpected status from GET request to https://r.io/token: 401 Unauthorized \
            | other | cannot push to r.io/a/x: the registry r.io wants credentials and there are none (401 Unauthorized); run "docker login r.io"
            docker.io/a/x:1: failed to resolve source metadata for docker.io/a/x:1: pull access denied, server message: insufficient_scope: authorization failed \
            | docker.io | cannot pull docker.io/a/x:1: the registry docker.io refused the credentials (insufficient_scope); run "docker login docker.io" or check what they may do
            """)
    void of_loginRefused_saysWhichRegistryWhatAndWhatToDo(String text, String login, String sentence) {
        Status status = Status.UNKNOWN.withDescription(text);

        Failure failure = Failures.of(status, new Metadata(), "linux/arm64", Set.of(login));

        assertThat(failure.getMessage()).isEqualTo(sentence);
    }

    @Test
    void of_details_giveExcerptAndExitCode() {
        String dockerfile =
                "FROM a\nRUN one\nRUN two\nRUN three\nRUN " + "x".repeat(600) + "\nRUN five\nRUN six\nRUN seven\n";

        Failure failure = failure(source(dockerfile, 4, 5), detail("ExitMessage", "{\"Code\":42}"));

        assertThat(failure.getKind()).isEqualTo(FailureClass.FAILURE_CLASS_USER);
        assertThat(failure.getExitCode()).isEqualTo(42);
        assertThat(failure.getSource().getFirstLine()).isEqualTo(1);
        assertThat(failure.getSource().getErrorStart()).isEqualTo(4);
        assertThat(failure.getSource().getErrorEnd()).isEqualTo(5);
        assertThat(failure.getSource().getLinesCount()).isEqualTo(8);
        assertThat(failure.getSource().getLinesList()).allMatch(line -> line.length() <= 500);
    }

    @Test
    void of_longRange_isCutAtTwentyLines() {
        Failure failure = failure(source("RUN x\n".repeat(100), 30, 90));

        assertThat(failure.getSource().getFirstLine()).isEqualTo(27);
        assertThat(failure.getSource().getLinesCount()).isEqualTo(20);
        assertThat(failure.getSource().getErrorEnd()).isEqualTo(46);
    }

    @Test
    void of_detailsThatAreNotJson_areLeftOut() {
        Failure failure =
                failure(detail("Source", "{\"info\":"), detail("ExitMessage", "[]"), source("FROM a\n", 7, 7));

        assertThat(failure.hasSource()).isFalse();
        assertThat(failure.getExitCode()).isZero();
    }

    @Test
    void clean_manyLinesAndNoise_isOneLineWithoutThem() {
        assertThat(Failures.clean("failed to solve: rpc error: code = Unknown desc = bad\n\u001b[31mthing"))
                .isEqualTo("bad [31mthing");
    }

    private static Failure failure(Any... details) {
        Metadata trailers = new Metadata();
        dev.sheaf.buildkit.status.Status.Builder status = dev.sheaf.buildkit.status.Status.newBuilder();
        for (Any detail : details) {
            status.addDetails(detail);
        }
        trailers.put(DETAILS, status.build().toByteArray());
        return Failures.of(Status.UNKNOWN.withDescription("it broke"), trailers, "linux/amd64", Set.of());
    }

    private static Any source(String dockerfile, int start, int end) {
        String data = Base64.getEncoder().encodeToString(dockerfile.getBytes(StandardCharsets.UTF_8));
        return detail(
                "Source",
                "{\"info\":{\"filename\":\"Dockerfile\",\"data\":\"" + data + "\"},\"ranges\":[{\"start\":{\"line\":"
                        + start + "},\"end\":{\"line\":" + end + "}}]}");
    }

    private static Any detail(String type, String json) {
        return Any.newBuilder()
                .setTypeUrl("github.com/moby/buildkit/errdefs." + type + "+json")
                .setValue(ByteString.copyFromUtf8(json))
                .build();
    }
}
