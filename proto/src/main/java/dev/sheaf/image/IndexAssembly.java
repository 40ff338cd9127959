package dev.sheaf.image;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Makes the entries of one index from what the slices pushed. Pure. */
final class IndexAssembly {
    private IndexAssembly() {}

    static boolean isRunnable(Descriptor entry) {
        return !entry.isAttestation()
                && entry.mediaType().isManifest()
                && entry.platform().map(platform -> !platform.isUnknown()).orElse(true);
    }

    static List<Descriptor> entries(Map<Platform, SlicePush> slices) {
        if (slices.isEmpty()) {
            throw new ImageFormatException("an index needs at least one platform");
        }
        List<Descriptor> runnable = new ArrayList<>();
        Map<Digest, Descriptor> attestations = new LinkedHashMap<>();
        Map<Digest, Platform> owners = new LinkedHashMap<>();
        new TreeMap<>(slices).forEach((platform, slice) -> {
            Descriptor image = image(platform, slice);
            Platform before = owners.putIfAbsent(image.digest(), platform);
            if (before != null) {
                throw new ImageFormatException("the platforms " + before + " and " + platform
                        + " pushed the same manifest " + image.digest() + ", so one of them is wrong");
            }
            runnable.add(image);
            attestations(platform, slice, image).forEach(attestation -> {
                Descriptor same = attestations.putIfAbsent(attestation.digest(), attestation);
                if (same != null && !same.equals(attestation)) {
                    throw new ImageFormatException("the attestation " + attestation.digest()
                            + " is described in two ways, the second by the slice for " + platform);
                }
            });
        });
        List<Descriptor> all = new ArrayList<>(runnable);
        all.addAll(attestations.values());
        return all;
    }

    private static Descriptor image(Platform platform, SlicePush slice) {
        if (platform.isUnknown()) {
            throw new ImageFormatException("no image is built for the platform " + platform);
        }
        return switch (slice) {
            case SlicePush.Manifest(Descriptor top) -> stated(platform, top);
            case SlicePush.Index(Descriptor top, ImageIndex index) -> {
                List<Descriptor> images = index.runnable();
                if (images.size() != 1) {
                    throw new ImageFormatException("the index " + top.digest() + " pushed for " + platform + " holds "
                            + images.size() + " images instead of one");
                }
                yield stated(platform, images.getFirst());
            }
            case SlicePush.Part part -> stated(platform, part.top());
        };
    }

    private static Descriptor stated(Platform platform, Descriptor image) {
        Optional<Platform> found = image.platform();
        if (found.isPresent() && !found.get().equals(platform)) {
            throw new ImageFormatException("the slice for " + platform + " pushed " + image.digest()
                    + ", which states the platform " + found.get());
        }
        return image.withPlatform(platform);
    }

    private static List<Descriptor> attestations(Platform platform, SlicePush slice, Descriptor image) {
        return switch (slice) {
            case SlicePush.Manifest _ -> List.of();
            case SlicePush.Index(Descriptor top, ImageIndex index) -> {
                List<Descriptor> others = index.entries().stream()
                        .filter(entry -> !isRunnable(entry))
                        .toList();
                others.forEach(entry -> requireAttestation(entry, top, platform));
                yield about(image, "pushed for " + platform, others);
            }
            case SlicePush.Part part -> about(image, "chosen for " + platform, part.attestations());
        };
    }

    private static void requireAttestation(Descriptor entry, Descriptor top, Platform platform) {
        if (!entry.isAttestation() || !entry.mediaType().isManifest()) {
            throw new ImageFormatException("the index " + top.digest() + " pushed for " + platform + " holds "
                    + entry.digest() + ", which is neither an image nor an attestation");
        }
    }

    private static List<Descriptor> about(Descriptor image, String why, List<Descriptor> attestations) {
        Map<Digest, Descriptor> found = new LinkedHashMap<>();
        for (Descriptor attestation : attestations) {
            String about = attestation.annotations().get(Descriptor.REFERENCE_DIGEST);
            if (!image.digest().value().equals(about)) {
                throw new ImageFormatException("the attestation " + attestation.digest() + " " + why + " is about "
                        + about + ", not about the image " + image.digest());
            }
            found.putIfAbsent(attestation.digest(), attestation);
        }
        return List.copyOf(found.values());
    }
}
