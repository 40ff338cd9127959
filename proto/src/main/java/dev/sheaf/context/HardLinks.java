package dev.sheaf.context;

import dev.sheaf.v1.FileEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Names of one and the same file. */
public final class HardLinks {
    private HardLinks() {}

    /** A file by its first name in the whole tree. A name that was given anew to other content is another file. */
    private record Inode(String first, String digest) {
        static Inode of(FileEntry entry) {
            return new Inode(entry.getHardLink().isEmpty() ? entry.getPath() : entry.getHardLink(), entry.getDigest());
        }
    }

    /**
     * The selected entries as BuildKit is told of them: the first selected name of a file has its content, each further
     * one is empty, with the first as its link target.
     */
    public static List<FileEntry> within(List<FileEntry> selected) {
        Set<Inode> shared = new HashSet<>();
        for (FileEntry entry : selected) {
            if (!entry.getHardLink().isEmpty()) {
                shared.add(Inode.of(entry));
            }
        }
        if (shared.isEmpty()) {
            return selected;
        }
        Map<Inode, String> firsts = new HashMap<>();
        List<FileEntry> told = new ArrayList<>(selected.size());
        for (FileEntry entry : selected) {
            Inode inode = Inode.of(entry);
            String first = FileModes.isRegular(entry) && shared.contains(inode)
                    ? firsts.putIfAbsent(inode, entry.getPath())
                    : null;
            told.add(
                    first == null
                            ? entry
                            : entry.toBuilder()
                                    .setLinkTarget(first)
                                    .setSize(0)
                                    .clearDigest()
                                    .build());
        }
        return told;
    }
}
