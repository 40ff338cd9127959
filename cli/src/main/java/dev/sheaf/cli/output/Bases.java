package dev.sheaf.cli.output;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.v1.BasePin;
import dev.sheaf.v1.Build;

/** The images that a build took something from, for people and for programs. */
public final class Bases {
    private Bases() {}

    /** Adds the key "bases". */
    static void json(Build build, ObjectNode node) {
        ArrayNode bases = node.putArray("bases");
        for (BasePin base : build.getSpec().getBasesList()) {
            ObjectNode one = bases.addObject();
            one.put("reference", base.getReference());
            one.put("digest", base.getDigest());
            ArrayNode platforms = one.putArray("platforms");
            base.getPlatformsList().forEach(platform -> platforms.add(Words.of(platform)));
        }
    }

    /** "docker.io/library/alpine:3@sha256:...": what can be pulled to see it again. */
    public static String words(BasePin base) {
        return base.getReference().indexOf('@') < 0
                ? base.getReference() + "@" + base.getDigest()
                : base.getReference();
    }
}
