package dev.sheaf.cli.image.create;

import dev.sheaf.cli.image.RegistryImage.Part;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.ImageManifest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import dev.sheaf.image.SlicePush;
import dev.sheaf.image.check.ImageCheck.Subject;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/**
 * The image of one platform that goes into the index.
 *
 * @param platform what its config says
 * @param attestations those about it in its source
 */
record Pick(Source source, Platform platform, Part image, List<Part> attestations) {
    /** By which people find it. */
    ImageReference reference() {
        return source.reference().withDigest(image.stated().digest());
    }

    SlicePush push() {
        return new SlicePush.Part(
                image.stated().withPlatform(platform),
                attestations.stream().map(Part::stated).toList());
    }

    /** For the check of its content. */
    Subject subject() {
        return new Subject(
                source.registry(), source.repository(), image.documents().orElseThrow(), platform, Set.of());
    }

    /** All manifests that the index will name for it. */
    List<Part> parts() {
        return Stream.concat(Stream.of(image), attestations.stream()).toList();
    }

    /** What those manifests are made of: configs and layers. */
    List<Descriptor> blobs() {
        return parts().stream()
                .flatMap(part -> part.manifest().stream())
                .flatMap(Pick::blobs)
                .toList();
    }

    private static Stream<Descriptor> blobs(ImageManifest manifest) {
        return Stream.concat(Stream.of(manifest.config()), manifest.layers().stream());
    }
}
