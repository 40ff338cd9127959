package dev.sheaf.image.layer;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.StringJoiner;

/** Names in a tar as absolute paths in the image. Pure. */
final class LayerPaths {
    /** In bytes, of Linux; what is longer cannot be unpacked. */
    static final int MAX_PATH = 4_096;

    private LayerPaths() {}

    /** The path, which is inside the image whatever the name says. */
    static String absolute(String name) {
        Deque<String> parts = new ArrayDeque<>();
        for (String part : name.split("/", -1)) {
            if (part.equals("..")) {
                parts.pollLast();
            } else if (!part.isEmpty() && !part.equals(".")) {
                parts.addLast(part);
            }
        }
        StringJoiner joined = new StringJoiner("/", "/", "");
        parts.forEach(joined::add);
        return joined.toString();
    }

    /** Whether a name leads out of the image: more {@code ..} than directories before them. */
    static boolean isEscape(String name) {
        int depth = 0;
        for (String part : name.split("/", -1)) {
            if (part.equals("..")) {
                depth--;
            } else if (!part.isEmpty() && !part.equals(".")) {
                depth++;
            }
            if (depth < 0) {
                return true;
            }
        }
        return false;
    }

    /** The directory of a path; the root's is the root. */
    static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash <= 0 ? "/" : path.substring(0, slash);
    }

    static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    static String child(String directory, String name) {
        return directory.equals("/") ? "/" + name : directory + "/" + name;
    }
}
