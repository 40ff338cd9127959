package dev.sheaf.agent.engine.session;

import io.grpc.Context;
import io.grpc.Contexts;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * Which directory the engine asks for, and which part of it, as it says in the headers of the call.
 *
 * @param directory "context" or "dockerfile"
 * @param includes patterns of which an entry must match one. Empty: all entries do
 * @param excludes patterns of which the last that matches decides
 * @param followPaths paths to send together with what their links lead to. Empty: no such choice
 */
record TransferOptions(String directory, List<String> includes, List<String> excludes, List<String> followPaths) {

    private static final Context.Key<TransferOptions> CURRENT = Context.key("transfer-options");

    static TransferOptions current() {
        return CURRENT.get();
    }

    static TransferOptions of(Metadata headers) {
        List<String> directory = values(headers, "dir-name");
        return new TransferOptions(
                directory.isEmpty() ? "" : directory.getFirst(),
                values(headers, "include-patterns"),
                values(headers, "exclude-patterns"),
                values(headers, "followpaths"));
    }

    /** Keeps the options of each call where {@link #current} finds them. */
    static ServerInterceptor interceptor() {
        return new ServerInterceptor() {
            @Override
            public <Q, A> ServerCall.Listener<Q> interceptCall(
                    ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
                return Contexts.interceptCall(Context.current().withValue(CURRENT, of(headers)), call, headers, next);
            }
        };
    }

    private static List<String> values(Metadata headers, String name) {
        Iterable<String> all = headers.getAll(key(name));
        if (all == null) {
            return List.of();
        }
        // Headers hold ASCII only: values with other characters are URL-escaped, which a second header then says.
        String flag = headers.get(key(name + "-encoded"));
        boolean encoded = "1".equals(flag) || "true".equalsIgnoreCase(flag);
        List<String> values = new ArrayList<>();
        for (String value : all) {
            values.add(encoded ? URLDecoder.decode(value, StandardCharsets.UTF_8) : value);
        }
        return List.copyOf(values);
    }

    private static Metadata.Key<String> key(String name) {
        return Metadata.Key.of(name, Metadata.ASCII_STRING_MARSHALLER);
    }
}
