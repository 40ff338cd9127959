package dev.sheaf.image.registry;

import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageIndex;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.MediaType;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpHeaders;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpResponse.BodySubscribers;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicBoolean;

/** The distribution protocol. Every call is a unit that can be repeated as a whole. */
final class HttpRegistry implements Registry {
    private static final String ACCEPT = String.join(
            ", ",
            MediaType.OCI_INDEX.value(),
            MediaType.OCI_MANIFEST.value(),
            MediaType.DOCKER_INDEX.value(),
            MediaType.DOCKER_MANIFEST.value());
    private static final int MAX_ANSWER = 65_536; // bytes of an answer that is not asked for its content
    private static final long SLOWEST_UPLOAD = 256 * 1024; // bytes a second
    private static final BodyHandler<byte[]> MANIFEST_BYTES =
            BodyHandlers.limiting(BodyHandlers.ofByteArray(), ImageIndex.MAX_BYTES);
    private static final BodyHandler<byte[]> SMALL = BodyHandlers.limiting(BodyHandlers.ofByteArray(), MAX_ANSWER);
    private static final BodyHandler<InputStream> STREAM = head -> head.statusCode() == 200
            ? BodySubscribers.ofInputStream()
            : BodySubscribers.mapping(
                    BodySubscribers.limiting(BodySubscribers.ofByteArray(), MAX_ANSWER), ByteArrayInputStream::new);

    private final RegistryAddress address;
    private final Transport transport;
    private final RetryPolicy retry;
    private final VerifiedStream.Stall stall;

    HttpRegistry(RegistryAddress address, Transport transport, RetryPolicy retry, VerifiedStream.Stall stall) {
        this.address = address;
        this.transport = transport;
        this.retry = retry;
        this.stall = stall;
    }

    @Override
    public String host() {
        return address.name();
    }

    @Override
    public ManifestContent get(String repository, String reference) throws RegistryException, InterruptedException {
        String what = "read " + reference + " " + place("from", repository);
        var exchange = Transport.Exchange.of("GET", manifest(repository, reference), pull(repository), what)
                .withHeader("Accept", ACCEPT);
        return retry.run(() -> {
            HttpResponse<byte[]> response = transport.send(exchange, MANIFEST_BYTES);
            expect(200, response, what);
            ManifestContent content = new ManifestContent(mediaType(response.headers(), what), response.body());
            requireStated(response.headers(), content.digest(), what);
            if (isDigest(reference) && !content.digest().value().equals(reference)) {
                throw new RegistryException.Inconsistent(
                        "cannot " + what + ": the registry sent content of digest " + content.digest());
            }
            String inside =
                    Transport.json(response.body(), what).path("mediaType").asText("");
            if (!inside.isEmpty() && !inside.equals(content.mediaType().value())) {
                throw new RegistryException.Inconsistent("cannot " + what + ": the registry says it is "
                        + content.mediaType() + " but the content says it is something else");
            }
            return content;
        });
    }

    @Override
    public Optional<Descriptor> head(String repository, String reference)
            throws RegistryException, InterruptedException {
        String what = "look up " + reference + " " + place("in", repository);
        var exchange = Transport.Exchange.of("HEAD", manifest(repository, reference), pull(repository), what)
                .withHeader("Accept", ACCEPT);
        Optional<HttpResponse<byte[]>> found = retry.run(() -> {
            HttpResponse<byte[]> response = transport.send(exchange, SMALL);
            if (response.statusCode() == 404) {
                return Optional.empty();
            }
            expect(200, response, what);
            return Optional.of(response);
        });
        if (found.isEmpty()) {
            return Optional.empty();
        }
        HttpHeaders headers = found.get().headers();
        Optional<String> digest = headers.firstValue("Docker-Content-Digest");
        OptionalLong size = headers.firstValueAsLong("Content-Length");
        if (digest.isEmpty() || size.isEmpty()) {
            return Optional.of(get(repository, reference).descriptor());
        }
        return Optional.of(Descriptor.of(mediaType(headers, what), stated(digest.get(), what), size.getAsLong()));
    }

    @Override
    public Descriptor put(String repository, String reference, MediaType mediaType, byte[] bytes, Runnable before)
            throws RegistryException, InterruptedException {
        String what = "write " + reference + " " + place("to", repository);
        Descriptor descriptor = Descriptor.of(mediaType, bytes);
        if (isDigest(reference) && !descriptor.digest().value().equals(reference)) {
            throw new RegistryException.Refused(
                    "cannot " + what + ": the content has the digest " + descriptor.digest());
        }
        var exchange = Transport.Exchange.of("PUT", manifest(repository, reference), push(repository), what)
                .withBody(
                        mediaType.value(),
                        () -> {
                            before.run(); // the body is taken for each request, after tokens and pauses
                            return BodyPublishers.ofByteArray(bytes);
                        },
                        Transport.REQUEST_TIMEOUT);
        AtomicBoolean isRepeated = new AtomicBoolean();
        return retry.run(() -> {
            if (isRepeated.getAndSet(true) && holds(repository, reference, descriptor)) {
                return descriptor;
            }
            HttpResponse<byte[]> response = transport.send(exchange, SMALL);
            expect(201, response, what);
            requireStated(response.headers(), descriptor.digest(), what);
            return descriptor;
        });
    }

    /**
     * Whether a put whose answer was lost did its work: some registries are broken for a moment while a tag is written
     * again. A tag that cannot be read may be one that the registry broke, and to write it again repairs it: so trouble
     * means no.
     */
    private boolean holds(String repository, String reference, Descriptor expected) throws InterruptedException {
        var exchange = Transport.Exchange.of(
                        "HEAD", manifest(repository, reference), pull(repository), "look up " + reference)
                .withHeader("Accept", ACCEPT);
        try {
            HttpResponse<byte[]> response = transport.send(exchange, SMALL);
            String digest =
                    response.headers().firstValue("Docker-Content-Digest").orElse("");
            return response.statusCode() == 200
                    && digest.equals(expected.digest().value());
        } catch (RegistryException _) {
            return false;
        }
    }

    @Override
    public boolean untag(String repository, String tag) throws RegistryException, InterruptedException {
        if (isDigest(tag)) {
            throw new IllegalArgumentException(tag + " is no tag: what it names would be deleted");
        }
        String what = "remove the tag " + tag + " " + place("from", repository);
        var exchange = Transport.Exchange.of(
                "DELETE", manifest(repository, tag), "repository:" + repository + ":pull,push,delete", what);
        return retry.run(() -> {
            try {
                int status = transport.send(exchange, SMALL).statusCode();
                return status / 100 == 2 || status == 404;
            } catch (RegistryException.Authentication _) {
                return false; // who may push may not always delete
            }
        });
    }

    @Override
    public boolean blobExists(String repository, Digest digest) throws RegistryException, InterruptedException {
        return retry.run(() -> hasBlob(repository, digest, pull(repository)));
    }

    private boolean hasBlob(String repository, Digest digest, String scope)
            throws RegistryException, InterruptedException {
        String what = "look up " + digest + " " + place("in", repository);
        HttpResponse<byte[]> response =
                transport.send(Transport.Exchange.of("HEAD", blobUri(repository, digest), scope, what), SMALL);
        if (response.statusCode() == 404) {
            return false;
        }
        expect(200, response, what);
        return true;
    }

    @Override
    public InputStream blob(String repository, Digest digest) throws RegistryException, InterruptedException {
        String what = "read " + digest + " " + place("from", repository);
        var exchange = Transport.Exchange.of("GET", blobUri(repository, digest), pull(repository), what);
        return retry.run(() -> {
            HttpResponse<InputStream> response = transport.send(exchange, STREAM);
            expect(200, response, what);
            return new VerifiedStream(response.body(), digest, place("of", repository), stall);
        });
    }

    @Override
    public void upload(String repository, Digest digest, long size, BlobSource source)
            throws RegistryException, InterruptedException {
        String what = "upload " + digest + " " + place("to", repository);
        var start = Transport.Exchange.of("POST", uploads(repository, ""), push(repository), what);
        Duration allowed = Transport.REQUEST_TIMEOUT.plusSeconds(size / SLOWEST_UPLOAD);
        retry.run(() -> {
            if (hasBlob(repository, digest, push(repository))) {
                return digest;
            }
            HttpResponse<byte[]> opened = transport.send(start, SMALL);
            expect(202, opened, what);
            URI target = Transport.target(opened.uri(), opened.headers(), what);
            URI location = URI.create(target + (target.getRawQuery() == null ? "?" : "&") + "digest=" + digest);
            var content = Transport.Exchange.of("PUT", location, push(repository), what)
                    .withBody("application/octet-stream", () -> publisher(size, source), allowed);
            HttpResponse<byte[]> stored = transport.send(content, SMALL);
            expect(201, stored, what);
            requireStated(stored.headers(), digest, what);
            return digest;
        });
    }

    private static BodyPublisher publisher(long size, BlobSource source) {
        if (size == 0) {
            return BodyPublishers.noBody();
        }
        return BodyPublishers.fromPublisher(
                BodyPublishers.ofInputStream(() -> {
                    try {
                        return source.open();
                    } catch (IOException e) {
                        throw new UncheckedIOException(e);
                    }
                }),
                size);
    }

    @Override
    public boolean mount(String repository, Digest digest, String fromRepository)
            throws RegistryException, InterruptedException {
        String what = "mount " + digest + " of " + fromRepository + " " + place("in", repository);
        checked(fromRepository, digest.value());
        String scope = push(repository) + " " + pull(fromRepository);
        URI uri = uploads(repository, "?mount=" + digest + "&from=" + fromRepository);
        return retry.run(() -> {
            HttpResponse<byte[]> response = transport.send(Transport.Exchange.of("POST", uri, scope, what), SMALL);
            // 202 is an upload that was opened instead; the registry forgets it by itself.
            if (response.statusCode() == 202 || response.statusCode() == 404) {
                return false;
            }
            expect(201, response, what);
            return true;
        });
    }

    private URI manifest(String repository, String reference) {
        checked(repository, reference);
        return address.resolve("/v2/" + repository + "/manifests/" + reference);
    }

    private URI blobUri(String repository, Digest digest) {
        checked(repository, digest.value());
        return address.resolve("/v2/" + repository + "/blobs/" + digest);
    }

    private URI uploads(String repository, String query) {
        checked(repository, "latest");
        return address.resolve("/v2/" + repository + "/blobs/uploads/" + query);
    }

    /** Nothing reaches a path that a reference could not hold. */
    private void checked(String repository, String reference) {
        boolean digest = isDigest(reference);
        var _ = new ImageReference(
                address.name(),
                repository,
                digest ? Optional.empty() : Optional.of(reference),
                digest ? Optional.of(Digest.parse(reference)) : Optional.empty());
    }

    private static boolean isDigest(String reference) {
        return reference.indexOf(':') >= 0;
    }

    private static String pull(String repository) {
        return "repository:" + repository + ":pull";
    }

    private static String push(String repository) {
        return "repository:" + repository + ":pull,push";
    }

    private String place(String preposition, String repository) {
        return preposition + " repository " + repository + " of registry " + address.name();
    }

    private static void expect(int status, HttpResponse<?> response, String what) throws RegistryException {
        int found = response.statusCode();
        if (found == status) {
            return;
        }
        String said = Transport.said(response);
        if (found == 404) {
            throw new RegistryException.NotFound("cannot " + what + ": it is not there" + said);
        }
        if (found >= 400) {
            throw new RegistryException.Refused("cannot " + what + ": the registry answered " + found + said);
        }
        throw new RegistryException.Inconsistent(
                "cannot " + what + ": the registry answered " + found + " where " + status + " was expected");
    }

    private static MediaType mediaType(HttpHeaders headers, String what) throws RegistryException {
        try {
            return MediaType.parse(headers.firstValue("Content-Type").orElse(""));
        } catch (IllegalArgumentException _) {
            throw new RegistryException.Inconsistent("cannot " + what + ": the registry does not say what it is");
        }
    }

    private static Digest stated(String digest, String what) throws RegistryException {
        try {
            return Digest.parse(digest);
        } catch (IllegalArgumentException _) {
            throw new RegistryException.Inconsistent("cannot " + what + ": the registry states a malformed digest");
        }
    }

    private static void requireStated(HttpHeaders headers, Digest expected, String what) throws RegistryException {
        Optional<String> digest = headers.firstValue("Docker-Content-Digest");
        if (digest.isPresent() && !digest.get().equals(expected.value())) {
            throw new RegistryException.Inconsistent(
                    "cannot " + what + ": the content has the digest " + expected + " but the registry states another");
        }
    }
}
