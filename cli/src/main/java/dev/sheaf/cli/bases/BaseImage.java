package dev.sheaf.cli.bases;

import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import dev.sheaf.v1.BasePin;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * What a reference points to.
 *
 * @param isIndex the digest is an index's, rather than one platform's manifest's
 * @param platforms what can be had under the digest, sorted. Empty: it does not say
 */
public record BaseImage(ImageReference reference, Digest digest, boolean isIndex, List<Platform> platforms) {
    public BaseImage {
        platforms = platforms.stream().distinct().sorted().toList();
    }

    /** The pin for the build's specification. */
    BasePin pin() {
        return BasePin.newBuilder()
                .setReference(reference.toString())
                .setDigest(digest.value())
                .addAllPlatforms(platforms.stream().map(BaseImage::wire).toList())
                .build();
    }

    private static dev.sheaf.v1.Platform wire(Platform platform) {
        return dev.sheaf.v1.Platform.newBuilder()
                .setOs(platform.os())
                .setArchitecture(platform.architecture())
                .setVariant(platform.variant())
                .build();
    }

    /** "docker.io/library/alpine:3 is sha256:...". */
    public String words() {
        return reference.digest().isPresent() ? reference.toString() : reference + " is " + digest;
    }

    /** The platforms in words. */
    public String platformWords() {
        return words(platforms);
    }

    /** Why it cannot serve, in one line without the Dockerfile's line; nothing: it can. */
    public Optional<String> shortcoming(BaseNeed need) {
        List<Platform> lacking = need.platforms().stream()
                .filter(wanted -> !platforms.isEmpty() && platforms.stream().noneMatch(has -> serves(has, wanted)))
                .sorted()
                .toList();
        if (lacking.isEmpty()) {
            return Optional.empty();
        }
        if (!isIndex) {
            return Optional.of("the base " + reference + " is an image of one platform, " + platformWords()
                    + ", and is needed for " + words(lacking)
                    + ": name a tag or a digest of an index (manifest list) that has it");
        }
        return Optional.of("the base " + reference + " has no " + words(lacking) + "; it has " + platformWords()
                + ": choose another base, or build without that platform");
    }

    /** A base of an older variant runs on a newer one, as engines choose it. */
    private static boolean serves(Platform has, Platform wanted) {
        return has.os().equals(wanted.os())
                && has.architecture().equals(wanted.architecture())
                && level(has) <= level(wanted);
    }

    private static int level(Platform platform) {
        String digits = platform.variant().replaceAll("[^0-9]", "");
        return digits.isEmpty() || digits.length() > 3 ? 0 : Integer.parseInt(digits);
    }

    private static String words(List<Platform> platforms) {
        return platforms.stream().map(Platform::toString).collect(Collectors.joining(", "));
    }
}
