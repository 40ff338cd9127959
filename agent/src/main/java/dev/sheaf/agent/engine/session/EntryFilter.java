package dev.sheaf.agent.engine.session;

import dev.sheaf.v1.FileEntry;
import java.util.List;

/** Chooses the part of a directory that the engine asks for. */
@FunctionalInterface
interface EntryFilter {

    /** The chosen entries, in their order. */
    List<FileEntry> select(List<FileEntry> entries, TransferOptions options);
}
