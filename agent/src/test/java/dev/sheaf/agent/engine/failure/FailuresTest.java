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
            UNKNOWN     | process "/bin/sh -c make" did not complete successfully: exit code: 137                        | INFRASTRUCTURE
            UNKNOWN     | failed to push r/x: unexpected status from HEAD request to http://r/v2/x: 401 Unauthorized      | AUTHENTICATION
            UNKNOWN     | pull access denied, repository does not exist or may require authorization: authorization failed | AUTHENTICATION
            UNKNOWN     | failed to push r/x: unexpected status from PUT request: 503 Service Unavailable                | REGISTRY
            UNKNOWN     | failed to push r/x: the blob is not what was sent                                              | REGISTRY
            UNKNOWN     | failed to do request: Head "https://r/v2/x": dial tcp: lookup r: no such host                  | INFRASTRUCTURE
            UNKNOWN     | failed to copy: write /var/lib/x: no space left on device                                      | INFRASTRUCTURE
            UNKNOWN     | exporter "image" could not be found                                                            | INFRASTRUCTURE
            UNKNOWN     | words that nobody has ever seen                                                                | INFRASTRUCTURE
            UNAVAILABLE | Network closed for unknown reason                                                              | INFRASTRUCTURE
            """)
    void of_textOnly_saysWhoseItIs(Status.Code code, String text, String kind) {
        Failure failure = Failures.of(code.toStatus().withDescription(text), new Metadata(), "linux/arm64");

        assertThat(failure.getKind()).isEqualTo(FailureClass.valueOf("FAILURE_CLASS_" + kind));
        assertThat(failure.getMessage()).doesNotContain("failed to solve");
        assertThat(failure.getPlatform()).isEqualTo("linux/arm64");
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
        return Failures.of(Status.UNKNOWN.withDescription("it broke"), trailers, "linux/amd64");
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
