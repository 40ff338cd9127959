package dev.sheaf.agent.engine.session;

import dev.sheaf.context.TreeFilter;
import dev.sheaf.v1.FileEntry;
import java.util.List;

/** Chooses as BuildKit's own sender does. */
final class ContextFilter implements EntryFilter {

    @Override
    public List<FileEntry> select(List<FileEntry> entries, TransferOptions options) {
        return TreeFilter.select(entries, options.includes(), options.excludes(), options.followPaths());
    }
}
