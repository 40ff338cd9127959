package dev.sheaf.agent.engine.session;

import com.google.protobuf.ByteString;
import dev.sheaf.v1.FileEntry;
import java.io.IOException;
import java.util.List;

/** The local files of a build: lists at hand, contents on demand. */
public interface ContextFiles {

    /** Entries of the context, in the order of ContextTree. */
    List<FileEntry> context();

    /** Dockerfile and its ignore file, in the order of ContextTree. */
    List<FileEntry> dockerfile();

    /**
     * Reads contents, in the order of the list. Called on a virtual thread, many times a build, and from more than one
     * thread (the engine may read both directories at a time). Interrupted when the build ends.
     *
     * @throws IOException if a file cannot be had; the message, one line, becomes the failure of the build
     */
    void read(List<FileEntry> files, Sink sink) throws IOException, InterruptedException;

    /** Takes contents; blocks while the engine is slower than the reader. */
    interface Sink {

        /** A piece of the file at this position of the list. */
        void data(int index, ByteString piece) throws IOException, InterruptedException;

        /** The file at this position is complete; called once for each, the empty ones included. */
        void end(int index) throws IOException, InterruptedException;
    }

    /** A Dockerfile and nothing else. */
    static ContextFiles onlyDockerfile(ByteString text) {
        return new ContextFiles() {
            @Override
            public List<FileEntry> context() {
                return List.of();
            }

            @Override
            public List<FileEntry> dockerfile() {
                return List.of(FileEntry.newBuilder()
                        .setPath("Dockerfile")
                        .setMode(0644)
                        .setSize(text.size())
                        .build());
            }

            @Override
            public void read(List<FileEntry> files, Sink sink) throws IOException, InterruptedException {
                for (int index = 0; index < files.size(); index++) {
                    sink.data(index, text);
                    sink.end(index);
                }
            }
        };
    }

    /** No files, for builds from a URL. */
    static ContextFiles none() {
        return new ContextFiles() {
            @Override
            public List<FileEntry> context() {
                return List.of();
            }

            @Override
            public List<FileEntry> dockerfile() {
                return List.of();
            }

            @Override
            public void read(List<FileEntry> files, Sink sink) throws IOException {
                throw new IOException("this build has no local files");
            }
        };
    }
}
