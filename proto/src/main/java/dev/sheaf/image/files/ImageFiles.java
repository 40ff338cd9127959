package dev.sheaf.image.files;

import dev.sheaf.image.layer.FileFacts;
import dev.sheaf.image.layer.LayerFacts;
import dev.sheaf.image.layer.PathSet;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The layers of an image laid over each other: a higher one hides what lower ones have under the same path. */
public final class ImageFiles {
    private static final int MAX_LINKS = 40; // as Linux counts them, over one path

    private final List<Layer> layers;

    /** From the lowest layer to the highest. */
    public ImageFiles(List<LayerFacts> layers) {
        this.layers = layers.stream().map(Layer::new).toList();
    }

    /** What is at a path. */
    public sealed interface Node {
        /** A file that can be run, or that looks so, in the layer of this index from 0. */
        record File(FileFacts facts, int layer) implements Node {}

        /** A file that nobody may execute. */
        record Plain(int layer) implements Node {}

        /** A file that may be executed and has no form that Linux knows. */
        record Shapeless(int layer) implements Node {}

        /** A directory. */
        record Directory() implements Node {}

        /** Nothing. */
        record Missing() implements Node {}

        /** Symbolic links that lead nowhere. */
        record Loop() implements Node {}
    }

    /** Where a path leads when its symbolic links are followed, and what is there. */
    public record Found(String path, Node node) {}

    private static final class Layer {
        private final LayerFacts facts;
        private final Map<String, FileFacts> files = new HashMap<>();
        private final Set<String> deleted;
        private final Set<String> emptied;

        Layer(LayerFacts facts) {
            this.facts = facts;
            facts.files().forEach(file -> files.put(file.path(), file));
            this.deleted = new HashSet<>(facts.whiteouts());
            this.emptied = new HashSet<>(facts.opaque());
        }

        @Nullable Node at(String path, long hash, int index) {
            FileFacts file = files.get(path);
            if (file != null) {
                return new Node.File(file, index);
            } else if (facts.plain().contains(hash)) {
                return new Node.Plain(index);
            } else if (facts.shapeless().contains(hash)) {
                return new Node.Shapeless(index);
            } else if (facts.directories().contains(hash)) {
                return new Node.Directory();
            }
            return deleted.contains(path) ? new Node.Missing() : null;
        }

        /** Whether nothing of lower layers is left below this directory. */
        boolean hidesBelow(String directory, long hash) {
            return deleted.contains(directory)
                    || emptied.contains(directory)
                    || files.containsKey(directory)
                    || facts.plain().contains(hash)
                    || facts.shapeless().contains(hash);
        }
    }

    /** What is at exactly this path, symbolic links not followed. */
    public Node at(String path) {
        if (path.equals("/")) {
            return new Node.Directory();
        }
        long hash = PathSet.hash(path);
        List<String> above = new ArrayList<>();
        for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
            above.add(path.substring(0, slash));
        }
        above.add("/");
        long[] hashes = above.stream().mapToLong(PathSet::hash).toArray();
        for (int index = layers.size() - 1; index >= 0; index--) {
            Layer layer = layers.get(index);
            Node node = layer.at(path, hash, index);
            if (node != null) {
                return node;
            }
            for (int i = 0; i < hashes.length; i++) {
                if (layer.hidesBelow(above.get(i), hashes[i])) {
                    return new Node.Missing();
                }
            }
        }
        return new Node.Missing();
    }

    /** Whether the file of this layer is what the image has at its path. */
    public boolean isVisible(FileFacts file, int layer) {
        return at(file.path()) instanceof Node.File(FileFacts _, int top) && top == layer;
    }

    /** Where an absolute path leads. */
    public Found follow(String path) {
        Deque<String> rest = new ArrayDeque<>();
        prepend(path, rest);
        String here = "/";
        int links = 0;
        while (true) {
            String part = rest.poll();
            if (part == null) {
                return new Found(here, at(here));
            }
            if (part.isEmpty() || part.equals(".")) {
                continue;
            }
            if (part.equals("..")) {
                here = parent(here);
                continue;
            }
            String next = here.equals("/") ? "/" + part : here + "/" + part;
            Node node = at(next);
            if (node instanceof Node.File(FileFacts.Symlink(String _, String target), int _)) {
                if (++links > MAX_LINKS) {
                    return new Found(path, new Node.Loop());
                }
                prepend(target, rest);
                here = target.startsWith("/") ? "/" : here;
            } else if (node instanceof Node.Directory || rest.isEmpty()) {
                here = next;
            } else {
                return new Found(next + "/" + String.join("/", rest), new Node.Missing());
            }
        }
    }

    private static void prepend(String path, Deque<String> rest) {
        String[] parts = path.split("/", -1);
        for (int i = parts.length - 1; i >= 0; i--) {
            rest.push(parts[i]);
        }
    }

    private static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }
}
