package dev.sheaf.cli.image.create;

import dev.sheaf.cli.image.RegistryImage.Part;
import dev.sheaf.cli.image.SideBySide;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.registry.ManifestContent;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RegistryException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Brings images to the repository of an index, byte for byte: mounted within one registry, else as streams. */
final class ImageCopy {
    private static final int BLOBS_AT_A_TIME = 3;

    private final Registry target;
    private final ImageReference place;

    /** Copies to where this tag is. */
    ImageCopy(Registry target, ImageReference place) {
        this.target = target;
        this.place = place;
    }

    /** Whether anything has to be copied. */
    boolean isNeeded(Pick pick) {
        return !pick.source().reference().name().equals(place.name());
    }

    /** The image and its attestations. What is there already is left alone. */
    void run(Pick pick) throws RegistryException, InterruptedException {
        Map<Digest, Descriptor> blobs = new LinkedHashMap<>();
        pick.blobs().stream().filter(ImageCopy::isStored).forEach(blob -> blobs.put(blob.digest(), blob));
        SideBySide.map(List.copyOf(blobs.values()), BLOBS_AT_A_TIME, blob -> {
            copy(pick.source(), blob);
            return blob.digest();
        });
        for (Part part : pick.parts()) {
            String digest = part.stated().digest().value();
            ManifestContent content = pick.source().registry().get(pick.source().repository(), digest);
            target.put(place.repository(), digest, content.mediaType(), content.bytes());
        }
    }

    private void copy(Source source, Descriptor blob) throws RegistryException, InterruptedException {
        if (source.registry().equals(target) && target.mount(place.repository(), blob.digest(), source.repository())) {
            return;
        }
        target.upload(place.repository(), blob.digest(), blob.size(), () -> {
            try {
                return source.registry().blob(source.repository(), blob.digest());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw (IOException) new InterruptedIOException("interrupted").initCause(e);
            }
        });
    }

    /** Layers that may not be distributed are fetched elsewhere, and no registry needs to have them. */
    private static boolean isStored(Descriptor blob) {
        String type = blob.mediaType().value();
        return !type.contains(".nondistributable.") && !type.contains(".foreign.");
    }
}
