package dev.sheaf.cli.output;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.Material;
import dev.sheaf.v1.MaterialKind;
import dev.sheaf.v1.SliceState;
import java.util.List;

/** What slices were built from where not everything was pinned, for people and for programs. */
public final class Materials {
    private Materials() {}

    /** Adds the keys "materials" and "materialsUnknown", each if there is something to say. */
    static void json(SliceState slice, ObjectNode node) {
        if (slice.getMaterialsCount() > 0) {
            ArrayNode materials = node.putArray("materials");
            for (Material material : slice.getMaterialsList()) {
                materials
                        .addObject()
                        .put("kind", kind(material.getKind()))
                        .put("name", material.getName())
                        .put("digest", material.getDigest());
            }
        }
        if (!slice.getMaterialsUnknown().isEmpty()) {
            node.put("materialsUnknown", slice.getMaterialsUnknown());
        }
    }

    /** The images that slices used without a pin, each once: "docker.io/library/alpine:3@sha256:...". */
    public static List<String> images(Build build) {
        return build.getSlicesList().stream()
                .flatMap(slice -> slice.getMaterialsList().stream())
                .filter(material -> material.getKind() == MaterialKind.MATERIAL_KIND_IMAGE)
                .map(material -> material.getName().indexOf('@') < 0
                        ? material.getName() + "@" + material.getDigest()
                        : material.getName())
                .distinct()
                .sorted()
                .toList();
    }

    /** Why it is not known what slices used, one line for each. */
    public static List<String> unknown(Build build) {
        return build.getSlicesList().stream()
                .filter(slice -> !slice.getMaterialsUnknown().isEmpty())
                .map(slice -> "unknown for " + Words.of(slice.getPlatform()) + ": " + slice.getMaterialsUnknown())
                .toList();
    }

    private static String kind(MaterialKind kind) {
        return switch (kind) {
            case MATERIAL_KIND_IMAGE -> "image";
            case MATERIAL_KIND_GIT -> "git";
            case MATERIAL_KIND_DOWNLOAD -> "download";
            case MATERIAL_KIND_UNSPECIFIED, UNRECOGNIZED -> "unknown";
        };
    }
}
