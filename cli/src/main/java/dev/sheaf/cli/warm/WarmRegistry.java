package dev.sheaf.cli.warm;

import dev.sheaf.image.Digest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A registry on loopback that holds one empty image for amd64 and arm64, {@code warm/base:1}: the base of the build from
 * which {@code warm} learns, so that the JVMs learn how a registry is spoken to. Nothing can be pushed to it.
 *
 * <p>The JDK's HTTP server will not do: engines try TLS first, and turn to plain HTTP only if that is answered in it.
 */
final class WarmRegistry implements AutoCloseable {
    private static final String INDEX = "application/vnd.oci.image.index.v1+json";
    private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
    private static final String CONFIG = "application/vnd.oci.image.config.v1+json";
    private static final Pattern REQUEST = Pattern.compile("(GET|HEAD) (/\\S*) HTTP/1\\.1");

    private static final int TLS_HANDSHAKE = 22;
    private static final byte[] BAD_REQUEST =
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** What is there under a path. Its text is ASCII. */
    private record Content(String mediaType, String text) {
        String digest() {
            return Digest.of(text.getBytes(StandardCharsets.US_ASCII)).value();
        }

        String descriptor() {
            return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}".formatted(mediaType, digest(), text.length());
        }
    }

    private final Map<String, Content> contents = new HashMap<>();
    private final ServerSocket server;

    private WarmRegistry(ServerSocket server) {
        this.server = server;
        List<String> images = new ArrayList<>();
        for (String architecture : List.of("amd64", "arm64")) {
            Content config = put("blobs", CONFIG, """
                    {"os":"linux","architecture":"%s","rootfs":{"type":"layers","diff_ids":[]}}""".formatted(architecture));
            Content manifest = put("manifests", MANIFEST, """
                    {"schemaVersion":2,"mediaType":"%s","config":%s,"layers":[]}""".formatted(MANIFEST, config.descriptor()));
            images.add(manifest.descriptor()
                    .replaceFirst("}$", ",\"platform\":{\"os\":\"linux\",\"architecture\":\"" + architecture + "\"}}"));
        }
        Content index = put("manifests", INDEX, """
                {"schemaVersion":2,"mediaType":"%s","manifests":[%s]}""".formatted(INDEX, String.join(",", images)));
        contents.put("/v2/warm/base/manifests/1", index);
    }

    /** On a free port. */
    static WarmRegistry start() throws IOException {
        WarmRegistry registry = new WarmRegistry(new ServerSocket(0, 50, InetAddress.getLoopbackAddress()));
        Thread.ofPlatform().name("warm-registry").start(registry::accept);
        return registry;
    }

    /** Host and port. */
    String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    private Content put(String kind, String mediaType, String text) {
        Content content = new Content(mediaType, text);
        contents.put("/v2/warm/base/" + kind + "/" + content.digest(), content);
        return content;
    }

    private void accept() {
        try {
            while (true) {
                Socket client = server.accept();
                Thread.ofVirtual().start(() -> serve(client));
            }
        } catch (IOException e) {
            // Closed.
            return;
        }
    }

    /** Answers one request. */
    private void serve(Socket client) {
        try (client) {
            var in = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII), 1);
            in.mark(1);
            if (in.read() == TLS_HANDSHAKE) {
                client.getOutputStream().write(BAD_REQUEST);
                client.shutdownOutput();
                client.getInputStream().transferTo(OutputStream.nullOutputStream());
                return;
            }
            in.reset();
            Matcher request = REQUEST.matcher(Optional.ofNullable(in.readLine()).orElse(""));
            String header = in.readLine();
            while (header != null && !header.isEmpty()) {
                header = in.readLine();
            }
            if (request.matches()) {
                answer(client.getOutputStream(), request.group(1), request.group(2));
            }
        } catch (IOException e) {
            // It has hung up.
            return;
        }
    }

    private void answer(OutputStream out, String method, String path) throws IOException {
        Content content = contents.get(path);
        String status = content != null || path.equals("/v2/") ? "200 OK" : "404 Not Found";
        Content sent = content == null ? new Content("application/json", "{}") : content;
        out.write("""
                HTTP/1.1 %s\r
                Content-Type: %s\r
                Content-Length: %d\r
                Docker-Content-Digest: %s\r
                Connection: close\r
                \r
                %s""".formatted(
                        status,
                        sent.mediaType,
                        sent.text.length(),
                        sent.digest(),
                        method.equals("HEAD") ? "" : sent.text)
                .getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
