package dev.sheaf.cli.warm;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.ImageIndex;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.Platform;
import dev.sheaf.image.SlicePush;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
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
    private static final Pattern REQUEST = Pattern.compile("(GET|HEAD) (/\\S*) HTTP/1\\.1");

    private static final int TLS_HANDSHAKE = 22;
    private static final byte[] BAD_REQUEST =
            "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    /** What is there under a path. Its text is ASCII. */
    private record Content(MediaType mediaType, String text) {
        Descriptor descriptor() {
            return Descriptor.of(mediaType, text.getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** In the answer to what has no content. */
    private static final Content NOTHING = new Content(MediaType.OCI_CONFIG, "{}");

    private final Map<String, Content> contents = new HashMap<>();
    private final ServerSocket server;

    private WarmRegistry(ServerSocket server) {
        this.server = server;
        Map<Platform, SlicePush> images = new HashMap<>();
        for (String architecture : List.of("amd64", "arm64")) {
            Descriptor config = put("blobs", MediaType.OCI_CONFIG, """
                    {"os":"linux","architecture":"%s","rootfs":{"type":"layers","diff_ids":[]}}""".formatted(architecture));
            Descriptor manifest = put("manifests", MediaType.OCI_MANIFEST, """
                    {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"%s","digest":"%s","size":%d},"layers":[]}""".formatted(
                            MediaType.OCI_MANIFEST, config.mediaType(), config.digest(), config.size()));
            images.put(Platform.of("linux", architecture), new SlicePush.Manifest(manifest));
        }
        String index = new String(ImageIndex.assemble(images).bytes(), StandardCharsets.US_ASCII);
        put("manifests", MediaType.OCI_INDEX, index);
        contents.put("/v2/warm/base/manifests/1", new Content(MediaType.OCI_INDEX, index));
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

    private Descriptor put(String kind, MediaType mediaType, String text) {
        Content content = new Content(mediaType, text);
        contents.put("/v2/warm/base/" + kind + "/" + content.descriptor().digest(), content);
        return content.descriptor();
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
            var in = new BufferedReader(new InputStreamReader(client.getInputStream(), StandardCharsets.US_ASCII));
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
        Content sent = content == null ? NOTHING : content;
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
                        sent.descriptor().digest(),
                        method.equals("HEAD") ? "" : sent.text)
                .getBytes(StandardCharsets.US_ASCII));
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
