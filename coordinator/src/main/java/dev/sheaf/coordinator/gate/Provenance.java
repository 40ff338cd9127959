package dev.sheaf.coordinator.gate;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sheaf.coordinator.build.VerifiedSlice.Material;
import dev.sheaf.coordinator.build.VerifiedSlice.Materials;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.ImageReference;
import java.io.IOException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads SLSA provenance as BuildKit writes it (v0.2, and v1 of newer ones): what a slice was built from. Pure. */
final class Provenance {
    private static final String PREDICATE_TYPE = "in-toto.io/predicate-type";
    private static final String SLSA = "https://slsa.dev/provenance/";
    private static final int MAX_NAME = 1_000; // characters

    /** {@code pkg:docker/library/alpine@3?platform=linux%2Famd64}. */
    private static final Pattern IMAGE =
            Pattern.compile("pkg:docker/(?<name>[^@?#]+)(?:@(?<tag>[^?#]*))?(?:\\?(?<qualifiers>[^#]*))?");

    private static final Pattern LOGIN = Pattern.compile("://[^/@]*@");

    /** Skips what it does not know while it reads: provenance can hold all that a build was told. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
            .build();

    private Provenance() {}

    private record Statement(@Nullable Predicate predicate) {}

    private record Predicate(
            @Nullable List<@Nullable Entry> materials,
            @Nullable Definition buildDefinition) {
        List<@Nullable Entry> entries() {
            if (materials != null) {
                return materials;
            }
            return buildDefinition == null || buildDefinition.resolvedDependencies() == null
                    ? List.of()
                    : buildDefinition.resolvedDependencies();
        }
    }

    private record Definition(@Nullable List<@Nullable Entry> resolvedDependencies) {}

    private record Entry(@Nullable String uri, @Nullable Map<String, String> digest) {}

    /** Whether a layer of an attestation's manifest is provenance. */
    static boolean isProvenance(Descriptor statement) {
        return statement.annotations().getOrDefault(PREDICATE_TYPE, "").startsWith(SLSA);
    }

    /** What a statement says. */
    static Materials materials(byte[] statement) {
        Set<Material> found = new LinkedHashSet<>();
        try {
            Statement read = JSON.readValue(statement, Statement.class);
            if (read == null || read.predicate() == null) {
                return Materials.unknown("its provenance says nothing");
            }
            for (Entry entry : read.predicate().entries()) {
                if (entry == null || entry.uri() == null || entry.digest() == null) {
                    return Materials.unknown("its provenance names a material without its digest");
                }
                found.add(material(entry.uri(), entry.digest()));
            }
        } catch (JsonProcessingException e) {
            return Materials.unknown("its provenance cannot be read: " + e.getOriginalMessage());
        } catch (IOException | IllegalArgumentException e) {
            return Materials.unknown("its provenance cannot be read: " + e.getMessage());
        }
        if (found.size() > Materials.MAX) {
            return Materials.unknown(
                    "its provenance names " + found.size() + " materials, and at most " + Materials.MAX + " are kept");
        }
        return new Materials(List.copyOf(found), "");
    }

    private static Material material(String uri, Map<String, String> digests) {
        if (uri.length() > MAX_NAME) {
            throw new IllegalArgumentException("it names a material with " + uri.length() + " characters");
        }
        String sha256 = digests.get("sha256");
        Matcher image = IMAGE.matcher(uri);
        if (image.matches()) {
            return new Material(Material.Kind.IMAGE, name(image), algorithm(uri, "sha256", sha256));
        } else if (uri.startsWith("pkg:")) {
            return new Material(Material.Kind.IMAGE, uri.split("[?]", 2)[0], algorithm(uri, "sha256", sha256));
        }
        String address = LOGIN.matcher(uri).replaceFirst("://");
        String commit = digests.getOrDefault("sha1", digests.get("gitCommit"));
        if (commit != null) {
            return new Material(Material.Kind.GIT, address, plain(commit));
        }
        // What follows may be a signature or a token.
        return new Material(Material.Kind.DOWNLOAD, address.split("[?#]", 2)[0], algorithm(uri, "sha256", sha256));
    }

    private static String algorithm(String uri, String name, @Nullable String digest) {
        if (digest == null) {
            throw new IllegalArgumentException("it names no " + name + " digest of " + uri);
        }
        return name + ":" + plain(digest);
    }

    private static String plain(String digest) {
        if (!digest.matches("[0-9a-f]{7,128}")) {
            throw new IllegalArgumentException("it names a digest that is none");
        }
        return digest;
    }

    /** In full, as pins are; the platform that an engine chose is no part of what the reference means. */
    private static String name(Matcher image) {
        String tag = image.group("tag") == null ? "" : decoded(image.group("tag"));
        StringBuilder reference = new StringBuilder(decoded(image.group("name")));
        if (!tag.isEmpty()) {
            reference.append(':').append(tag);
        }
        String qualifiers = image.group("qualifiers") == null ? "" : image.group("qualifiers");
        for (String qualifier : qualifiers.split("&", -1)) {
            if (qualifier.startsWith("digest=")) {
                reference.append('@').append(decoded(qualifier.substring("digest=".length())));
            }
        }
        return ImageReference.parse(reference.toString()).orLatest().toString();
    }

    private static String decoded(String part) {
        return URLDecoder.decode(part.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
