package dev.sheaf.agent.slice.smoke;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.ByteString;
import java.util.List;

/** A Dockerfile of one step: the command, in the image. The image's user, directory and variables apply. */
final class SmokeStep {
    /** How the engine names the step, after its number. */
    static final String NAME = "] RUN ";

    private static final JsonMapper JSON = new JsonMapper();

    private SmokeStep() {}

    /**
     * The text.
     *
     * @param image repository and digest
     */
    static ByteString dockerfile(String image, List<String> command) {
        return ByteString.copyFromUtf8("FROM " + image + "\nRUN " + json(command) + "\n");
    }

    private static String json(List<String> command) {
        try {
            // "<" would begin a here-document, were it not within quotes: this way nobody has to know.
            return JSON.writeValueAsString(command).replace("<", "\\u003c");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a list of strings can always be written", e);
        }
    }
}
