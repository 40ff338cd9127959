package dev.sheaf.agent.slice.smoke;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.google.protobuf.ByteString;
import dev.sheaf.agent.engine.session.ContextFiles;
import dev.sheaf.v1.FileEntry;
import java.io.IOException;
import java.util.List;

/** A Dockerfile of one step: the command, in the image, without network. The image's user, directory and variables apply. */
final class SmokeStep implements ContextFiles {
    /** How the engine names the step, after its number. */
    static final String NAME = "] RUN --network=none ";

    private static final JsonMapper JSON = new JsonMapper();

    private final ByteString dockerfile;

    /**
     * The step.
     *
     * @param image repository and digest
     */
    SmokeStep(String image, List<String> command) {
        this.dockerfile = ByteString.copyFromUtf8("FROM " + image + "\nRUN --network=none " + json(command) + "\n");
    }

    private static String json(List<String> command) {
        try {
            // "<" would begin a here-document, were it not within quotes: this way nobody has to know.
            return JSON.writeValueAsString(command).replace("<", "\\u003c");
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a list of strings can always be written", e);
        }
    }

    /** The text. */
    ByteString text() {
        return dockerfile;
    }

    @Override
    public List<FileEntry> context() {
        return List.of();
    }

    @Override
    public List<FileEntry> dockerfile() {
        return List.of(FileEntry.newBuilder()
                .setPath("Dockerfile")
                .setMode(0644)
                .setSize(dockerfile.size())
                .build());
    }

    @Override
    public void read(List<FileEntry> files, Sink sink) throws IOException, InterruptedException {
        for (int index = 0; index < files.size(); index++) {
            sink.data(index, dockerfile);
            sink.end(index);
        }
    }
}
