package dev.sheaf.agent.engine;

import com.google.protobuf.ByteString;
import dev.sheaf.agent.engine.session.ContextFiles;
import dev.sheaf.v1.FileEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/** A context in memory; remembers what was read of it. */
final class MemoryFiles implements ContextFiles {

    final ConcurrentLinkedQueue<String> read = new ConcurrentLinkedQueue<>();
    private final String dockerfile;
    private final TreeMap<String, String> contents;

    /** Names without a directory sort as a context does. */
    MemoryFiles(String dockerfile, Map<String, String> contents) {
        this.dockerfile = dockerfile;
        this.contents = new TreeMap<>(contents);
    }

    @Override
    public List<FileEntry> context() {
        List<FileEntry> entries = new ArrayList<>();
        contents.forEach((path, text) -> entries.add(entry(path, text)));
        return entries;
    }

    @Override
    public List<FileEntry> dockerfile() {
        return List.of(entry("Dockerfile", dockerfile));
    }

    @Override
    public void read(List<FileEntry> files, Sink sink) throws IOException, InterruptedException {
        for (int index = 0; index < files.size(); index++) {
            String path = files.get(index).getPath();
            read.add(path);
            String text = path.equals("Dockerfile") ? dockerfile : contents.get(path);
            sink.data(index, ByteString.copyFromUtf8(String.valueOf(text)));
            sink.end(index);
        }
    }

    private static FileEntry entry(String path, String text) {
        return FileEntry.newBuilder()
                .setPath(path)
                .setMode(0644)
                .setSize(text.length())
                .setModifiedNanos(1_700_000_000_000_000_000L)
                .build();
    }
}
