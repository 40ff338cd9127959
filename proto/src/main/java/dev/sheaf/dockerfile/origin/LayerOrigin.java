package dev.sheaf.dockerfile.origin;

import dev.sheaf.dockerfile.Instruction;

/** Where a layer comes from. */
public sealed interface LayerOrigin {
    /** Words for people: "Dockerfile line 7, COPY app /app". */
    String title();

    /** This build added it, by an instruction of its Dockerfile. */
    record Built(Instruction instruction) implements LayerOrigin {
        private static final int MAX_SHOWN = 120; // characters

        @Override
        public String title() {
            String text = instruction.text().lines().findFirst().orElse("").strip();
            String shown = text.length() > MAX_SHOWN ? text.substring(0, MAX_SHOWN) + "..." : text;
            return "Dockerfile " + instruction.lines() + ", " + shown;
        }
    }

    /** This build added it, by an ONBUILD of its base image. */
    record Triggered(String createdBy) implements LayerOrigin {
        @Override
        public String title() {
            return "an ONBUILD of the base image";
        }
    }

    /** It came with the base image. */
    record OfBase() implements LayerOrigin {
        @Override
        public String title() {
            return "the base image";
        }
    }

    /** The history does not tell: it is not what BuildKit writes, or not of this Dockerfile. */
    record Unknown() implements LayerOrigin {
        @Override
        public String title() {
            return "an unknown part of the build";
        }
    }
}
