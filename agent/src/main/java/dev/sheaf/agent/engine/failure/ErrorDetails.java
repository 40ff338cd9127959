package dev.sheaf.agent.engine.failure;

import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.sheaf.buildkit.status.Status;
import dev.sheaf.v1.SourceExcerpt;
import io.grpc.Metadata;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * What BuildKit adds to an error for programs to read. Old engines add nothing.
 *
 * @param source the place in the Dockerfile, if the error has one
 * @param exitCode how the failing step exited, if one did
 */
record ErrorDetails(Optional<SourceExcerpt> source, OptionalInt exitCode) {

    static final ErrorDetails NONE = new ErrorDetails(Optional.empty(), OptionalInt.empty());

    private static final Metadata.Key<byte[]> KEY =
            Metadata.Key.of("grpc-status-details-bin", Metadata.BINARY_BYTE_MARSHALLER);
    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();
    private static final int MARGIN_LINES = 3;
    private static final int MAX_LINES = 20;
    private static final int MAX_LINE_CHARACTERS = 500;

    static ErrorDetails of(Metadata trailers) {
        byte[] bytes = trailers.get(KEY);
        if (bytes == null) {
            return NONE;
        }
        try {
            return of(Status.parseFrom(bytes).getDetailsList());
        } catch (InvalidProtocolBufferException e) {
            return NONE;
        }
    }

    static ErrorDetails of(List<Any> details) {
        Optional<SourceExcerpt> source = Optional.empty();
        OptionalInt exitCode = OptionalInt.empty();
        for (Any detail : details) {
            String type = detail.getTypeUrl();
            if (source.isEmpty() && type.endsWith(".Source+json")) {
                source = json(detail).flatMap(ErrorDetails::excerpt);
            } else if (type.endsWith(".ExitMessage+json")) {
                JsonNode code = json(detail).map(node -> node.path("Code")).orElse(null);
                exitCode = code == null || !code.isNumber() ? exitCode : OptionalInt.of(code.intValue());
            }
        }
        return new ErrorDetails(source, exitCode);
    }

    private static Optional<JsonNode> json(Any detail) {
        try {
            return Optional.ofNullable(JSON.readTree(detail.getValue().toByteArray()));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Optional<SourceExcerpt> excerpt(JsonNode source) {
        JsonNode range = source.path("ranges").path(0);
        int start = range.path("start").path("line").asInt();
        int end = Math.max(start, range.path("end").path("line").asInt());
        if (start < 1) {
            return Optional.empty();
        }
        List<String> lines;
        try {
            byte[] text = source.path("info").path("data").binaryValue();
            lines = text == null
                    ? List.of()
                    : new String(text, StandardCharsets.UTF_8).lines().toList();
        } catch (IOException e) {
            return Optional.empty();
        }
        if (start > lines.size()) {
            return Optional.empty();
        }
        int first = Math.max(1, start - MARGIN_LINES);
        int last = Math.min(Math.min(lines.size(), end + MARGIN_LINES), first + MAX_LINES - 1);
        return Optional.of(SourceExcerpt.newBuilder()
                .setFile(source.path("info").path("filename").asText())
                .setFirstLine(first)
                .addAllLines(lines.subList(first - 1, last).stream()
                        .map(line -> line.substring(0, Math.min(line.length(), MAX_LINE_CHARACTERS)))
                        .toList())
                .setErrorStart(start)
                .setErrorEnd(Math.min(end, last))
                .build());
    }
}
