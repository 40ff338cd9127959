package dev.sheaf.faults.oracle;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.faults.oracle.History.Tag;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Reads what a tag names from the registry, with nothing of Sheaf's in between. */
public final class TagReader {
    private static final HttpClient HTTP = HttpClient.newHttpClient();
    private static final JsonMapper JSON = new JsonMapper();

    private TagReader() {}

    /** What "HOST/REPOSITORY:TAG" names, asked of the registry at this address. Empty: there is no such tag. */
    public static Optional<Tag> read(String image, String registry) throws IOException, InterruptedException {
        String path = image.substring(image.indexOf('/') + 1);
        String repository = path.substring(0, path.lastIndexOf(':'));
        String base = "http://" + registry + "/v2/" + repository + "/manifests/";
        HttpResponse<byte[]> answer = get(base + path.substring(path.lastIndexOf(':') + 1));
        if (answer.statusCode() == 404) {
            return Optional.empty();
        }
        if (answer.statusCode() != 200) {
            throw new AssertionError(image + ": the registry answers " + answer.statusCode() + " "
                    + new String(answer.body(), StandardCharsets.UTF_8));
        }
        Map<String, String> platforms = new TreeMap<>();
        Map<String, Boolean> children = new TreeMap<>();
        for (JsonNode entry : JSON.readTree(answer.body()).path("manifests")) {
            String digest = entry.get("digest").asText();
            JsonNode platform = entry.get("platform");
            String name = platform.get("os").asText() + "/"
                    + platform.get("architecture").asText();
            children.put(digest, get(base + digest).statusCode() == 200);
            if (!name.startsWith("unknown/")) {
                platforms.merge(name, digest, (_, _) -> "twice");
            }
        }
        return Optional.of(new Tag(digest(answer.body()), platforms, children));
    }

    private static HttpResponse<byte[]> get(String uri) throws IOException, InterruptedException {
        return HTTP.send(
                HttpRequest.newBuilder(URI.create(uri))
                        .header(
                                "Accept",
                                "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json,"
                                        + " application/vnd.docker.distribution.manifest.v2+json,"
                                        + " application/vnd.docker.distribution.manifest.list.v2+json")
                        .build(),
                HttpResponse.BodyHandlers.ofByteArray());
    }

    private static String digest(byte[] bytes) {
        try {
            return "sha256:"
                    + HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
