package dev.sheaf.image;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Names an image: registry, repository, and a tag, a digest, both or neither. Short names mean Docker Hub, as they do
 * for docker: {@code app:1} is {@code docker.io/library/app:1}.
 */
public record ImageReference(String registry, String repository, Optional<String> tag, Optional<Digest> digest) {
    private static final String DOCKER_HUB = "docker.io";
    private static final int MAX_NAME = 255; // characters of registry and repository, as docker counts
    private static final String LABEL = "[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?";
    private static final Pattern REGISTRY =
            Pattern.compile("(" + LABEL + "(\\." + LABEL + ")*|\\[[0-9A-Fa-f:]+])(:[0-9]{1,5})?");
    private static final Pattern REPOSITORY =
            Pattern.compile("[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\\.|_|__|-+)[a-z0-9]+)*)*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

    /** Refuses parts that no registry would take. */
    public ImageReference {
        if (registry.length() + 1 + repository.length() > MAX_NAME) {
            throw new IllegalArgumentException("registry and repository are longer than " + MAX_NAME + " characters");
        }
        if (!REGISTRY.matcher(registry).matches()) {
            throw new IllegalArgumentException("the registry \"" + registry + "\" is not host[:port]");
        }
        if (!REPOSITORY.matcher(repository).matches()) {
            boolean upper =
                    REPOSITORY.matcher(repository.toLowerCase(Locale.ROOT)).matches();
            throw new IllegalArgumentException("the repository \"" + repository + "\" "
                    + (upper
                            ? "must be lower-case"
                            : "must be lower-case letters and digits, with . _ - / between them"));
        }
        tag.filter(t -> !TAG.matcher(t).matches()).ifPresent(t -> {
            throw new IllegalArgumentException(
                    "the tag \"" + t + "\" must be at most 128 letters, digits, _ . - and start with none of . -");
        });
    }

    /** Reads a reference as users write it; throws IllegalArgumentException with one sentence. */
    public static ImageReference parse(String text) {
        try {
            return read(text);
        } catch (IllegalArgumentException e) {
            String shown = text.length() <= 300 ? text : text.substring(0, 300) + "...";
            throw new IllegalArgumentException("\"" + shown + "\" is not an image reference: " + e.getMessage(), e);
        }
    }

    private static ImageReference read(String text) {
        if (text.contains("://")) {
            throw new IllegalArgumentException("write it without a scheme, such as registry.example/app:1");
        }
        String rest = text;
        Optional<Digest> digest = Optional.empty();
        int at = rest.indexOf('@');
        if (at >= 0) {
            digest = Optional.of(Digest.parse(rest.substring(at + 1)));
            rest = rest.substring(0, at);
        }
        Optional<String> tag = Optional.empty();
        int colon = rest.lastIndexOf(':');
        if (colon > rest.lastIndexOf('/')) {
            tag = Optional.of(rest.substring(colon + 1));
            rest = rest.substring(0, colon);
        }
        int slash = rest.indexOf('/');
        String first = slash < 0 ? "" : rest.substring(0, slash);
        boolean named = slash >= 0 && isRegistry(first);
        String registry = named && !first.equals("index.docker.io") ? first : DOCKER_HUB;
        String repository = named ? rest.substring(slash + 1) : rest;
        if (registry.equals(DOCKER_HUB) && repository.indexOf('/') < 0) {
            repository = "library/" + repository;
        }
        return new ImageReference(registry, repository, tag, digest);
    }

    /** As docker decides it: a first part with a dot, a colon or a capital is a registry, and so is localhost. */
    private static boolean isRegistry(String first) {
        return first.indexOf('.') >= 0
                || first.indexOf(':') >= 0
                || first.equals("localhost")
                || !first.equals(first.toLowerCase(Locale.ROOT));
    }

    /** This reference with the tag {@code latest} if it has neither tag nor digest. */
    public ImageReference orLatest() {
        return tag.isPresent() || digest.isPresent() ? this : withTag("latest");
    }

    /** The same repository under this tag, without digest. */
    public ImageReference withTag(String other) {
        return new ImageReference(registry, repository, Optional.of(other), Optional.empty());
    }

    /** The same repository at this digest, without tag. */
    public ImageReference withDigest(Digest other) {
        return new ImageReference(registry, repository, Optional.empty(), Optional.of(other));
    }

    /** Registry and repository, without tag and digest. */
    public String name() {
        return registry + "/" + repository;
    }

    /** What to ask the registry for: the digest, or else the tag, or else {@code latest}. */
    public String target() {
        return digest.map(Digest::value).or(() -> tag).orElse("latest");
    }

    @Override
    public String toString() {
        return name()
                + tag.map(t -> ":" + t).orElse("")
                + digest.map(d -> "@" + d).orElse("");
    }
}
