package dev.sheaf.agent.engine;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;

/** Asks the lab's registry. */
final class Manifests {
    private Manifests() {}

    /** What the registry answers for "host:port/repository" at a digest or tag. */
    static int status(String repository, String reference) throws IOException, InterruptedException {
        return get(repository, "manifests/" + reference).statusCode();
    }

    static String tags(String repository) throws IOException, InterruptedException {
        return get(repository, "tags/list").body();
    }

    private static HttpResponse<String> get(String repository, String what) throws IOException, InterruptedException {
        int slash = repository.indexOf('/');
        URI uri = URI.create(
                "http://" + repository.substring(0, slash) + "/v2" + repository.substring(slash) + "/" + what);
        try (HttpClient http = HttpClient.newHttpClient()) {
            return http.send(
                    HttpRequest.newBuilder(uri)
                            .header(
                                    "Accept",
                                    "application/vnd.oci.image.manifest.v1+json, application/vnd.oci.image.index.v1+json,"
                                            + " application/vnd.docker.distribution.manifest.v2+json")
                            .build(),
                    HttpResponse.BodyHandlers.ofString());
        }
    }
}
