package dev.sheaf.context;

import dev.sheaf.context.IgnorePatterns.Match;
import dev.sheaf.v1.FileEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Selects from a tree what BuildKit asks for when it copies a local directory. */
public final class TreeFilter {
    private final IgnorePatterns include;
    private final boolean includesAll;
    private final IgnorePatterns exclude;
    private final Deque<Directory> parents = new ArrayDeque<>();
    private final List<FileEntry> selected = new ArrayList<>();

    /** A directory on the way to the current entry. It is selected late, once something in it is. */
    private static final class Directory {
        final FileEntry entry;
        final Match included;
        final Match excluded;
        boolean selected;

        Directory(FileEntry entry, Match included, Match excluded, boolean selected) {
            this.entry = entry;
            this.included = included;
            this.excluded = excluded;
            this.selected = selected;
        }
    }

    private TreeFilter(List<String> include, List<String> exclude) {
        this.include = IgnorePatterns.of(include);
        this.includesAll = this.include.isEmpty();
        this.exclude = IgnorePatterns.of(exclude);
    }

    /**
     * The entries to send, in the order given, each after its directories.
     *
     * @param entries a tree in {@link ContextPaths#ORDER}
     * @param include patterns of which a path or one of its parents must match one; none: all match
     * @param exclude patterns as in an ignore file
     * @param follow paths to include together with the links that they lead through
     */
    public static List<FileEntry> select(
            List<FileEntry> entries, List<String> include, List<String> exclude, List<String> follow) {
        List<String> patterns = include;
        if (!follow.isEmpty()) {
            List<String> followed = FollowPaths.resolve(entries, follow);
            patterns = new ArrayList<>(include);
            patterns.addAll(followed);
            if (followed.isEmpty() || include.contains(".")) {
                // One of the paths is the top of the tree.
                patterns = followed.isEmpty() ? include : List.of();
            }
        }
        TreeFilter filter = new TreeFilter(patterns, exclude);
        for (FileEntry entry : entries) {
            filter.visit(entry);
        }
        return filter.selected;
    }

    private void visit(FileEntry entry) {
        String path = entry.getPath();
        while (!parents.isEmpty() && !path.startsWith(parents.getLast().entry.getPath() + "/")) {
            parents.removeLast();
        }
        Match includedAbove = parents.isEmpty() ? Match.NONE : parents.getLast().included;
        Match excludedAbove = parents.isEmpty() ? Match.NONE : parents.getLast().excluded;
        Match included = include.match(path, includedAbove);
        Match excluded = exclude.match(path, excludedAbove);
        boolean wanted = (includesAll || included.matched()) && !excluded.matched();
        if (wanted) {
            for (Directory parent : parents) {
                if (!parent.selected) {
                    parent.selected = true;
                    selected.add(parent.entry);
                }
            }
            selected.add(entry);
        }
        if (FileModes.isDirectory(entry)) {
            parents.addLast(new Directory(entry, included, excluded, wanted));
        }
    }
}
