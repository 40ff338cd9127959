package dev.sheaf.context;

import dev.sheaf.v1.FileEntry;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Set;
import java.util.TreeSet;

/**
 * Paths that BuildKit wants together with whatever symbolic links they lead through. The answer is a list of patterns
 * to include: each link on the way, and where it ends.
 */
public final class FollowPaths {
    /** Links on the way of one path, at most: a loop ends here, as it does in the kernel. */
    private static final int MAX_LINKS = 255;

    private final Map<String, FileEntry> byPath = new HashMap<>();
    private final Map<String, List<FileEntry>> byDirectory = new HashMap<>();
    private final NavigableSet<String> resolved = new TreeSet<>();
    private final Set<Step> seen = new HashSet<>();
    private final Deque<Step> open = new ArrayDeque<>();

    private record Step(String path, int links) {}

    private FollowPaths(List<FileEntry> entries) {
        for (FileEntry entry : entries) {
            byPath.put(entry.getPath(), entry);
            byDirectory
                    .computeIfAbsent(ContextPaths.parent(entry.getPath()), _ -> new ArrayList<>())
                    .add(entry);
        }
    }

    /** The patterns to include so that these paths can be followed. Empty: everything. */
    public static List<String> resolve(List<FileEntry> entries, List<String> followPaths) {
        FollowPaths follow = new FollowPaths(entries);
        for (String path : followPaths) {
            follow.add(new Step(path, 0));
        }
        while (!follow.open.isEmpty()) {
            follow.walk(follow.open.remove());
        }
        return outermost(follow.resolved);
    }

    private void add(Step step) {
        if (step.links() <= MAX_LINKS && seen.add(new Step(step.path(), 0))) {
            open.add(step);
        }
    }

    /** Goes down one path until its end or its first link. */
    private void walk(Step step) {
        List<String> components = ContextPaths.components(step.path());
        String current = ".";
        for (int i = 0; i < components.size(); i++) {
            current = ContextPaths.clean(current + "/" + components.get(i));
            String rest = String.join("/", components.subList(i + 1, components.size()));
            List<String> targets = targets(current);
            if (!targets.isEmpty()) {
                resolved.add(current);
                for (String target : targets) {
                    add(new Step(ContextPaths.clean(target + "/" + rest), step.links() + 1));
                }
                if (!GoGlob.hasWildcards(ContextPaths.name(current))) {
                    return;
                }
                // A wildcard matches plain files beside the links.
            }
            if (rest.isEmpty()) {
                resolved.add(current);
                return;
            }
        }
    }

    /** Where the links among the entries of this name lead, from the top. A name may be a pattern. */
    private List<String> targets(String path) {
        String name = ContextPaths.name(path);
        if (!GoGlob.hasWildcards(name)) {
            FileEntry entry = byPath.get(path);
            return entry == null || entry.getLinkTarget().isEmpty() ? List.of() : List.of(target(entry));
        }
        List<String> targets = new ArrayList<>();
        GoGlob.compile(name).ifPresent(glob -> {
            for (FileEntry entry : byDirectory.getOrDefault(ContextPaths.parent(path), List.of())) {
                if (!entry.getLinkTarget().isEmpty() && glob.matches(ContextPaths.name(entry.getPath()))) {
                    targets.add(target(entry));
                }
            }
        });
        return targets;
    }

    private static String target(FileEntry link) {
        String target = link.getLinkTarget();
        return target.startsWith("/")
                ? ContextPaths.clean(target)
                : ContextPaths.clean("/" + ContextPaths.parent(link.getPath()) + "/" + target);
    }

    private static List<String> outermost(NavigableSet<String> paths) {
        List<String> kept = new ArrayList<>();
        for (String path : paths) {
            if (path.equals(".")) {
                return List.of();
            }
            if (kept.isEmpty() || !path.startsWith(kept.getLast() + "/")) {
                kept.add(path);
            }
        }
        return kept;
    }
}
