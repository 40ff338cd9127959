package dev.sheaf.agent.engine.session;

import dev.sheaf.v1.FileEntry;
import java.util.List;

/** Chooses as BuildKit's own sender does. */
final class ContextFilter implements EntryFilter {

    @Override
    public List<FileEntry> select(List<FileEntry> entries, TransferOptions options) {
        if (options.followPaths().isEmpty()) {
            return entries;
        }
        return entries.stream()
                .filter(entry -> options.followPaths().stream()
                        .anyMatch(path -> entry.getPath().equals(path)
                                || entry.getPath().startsWith(path + "/")
                                || path.startsWith(entry.getPath() + "/")
                                || path.equals(".")))
                .toList();
    }
}
