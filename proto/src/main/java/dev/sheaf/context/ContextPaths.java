package dev.sheaf.context;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Paths within a context: relative, separated by slashes. */
public final class ContextPaths {
    /**
     * The order in which BuildKit walks and expects a tree: by component, so that a directory's files follow it at
     * once ("a", "a/b", "a-b"). Within a component as UTF-8 bytes compare, which is by code point.
     */
    public static final Comparator<String> ORDER = ContextPaths::compare;

    private ContextPaths() {}

    /** Whether this is a path as a tree may hold it: relative, without an empty, "." or ".." component. */
    public static boolean isValid(String path) {
        if (path.isEmpty() || path.indexOf('\0') >= 0) {
            return false;
        }
        for (String component : components(path)) {
            if (component.isEmpty() || component.equals(".") || component.equals("..")) {
                return false;
            }
        }
        return true;
    }

    /** The directory that holds this path; empty for a path at the top. */
    public static String parent(String path) {
        int slash = path.lastIndexOf('/');
        return slash < 0 ? "" : path.substring(0, slash);
    }

    /** The last component. */
    public static String name(String path) {
        return path.substring(path.lastIndexOf('/') + 1);
    }

    /**
     * The shortest path that means the same, by Go's rules: no doubled slash, no ".", ".." taken together with the
     * component before it, "." for nothing.
     */
    public static String clean(String path) {
        boolean rooted = path.startsWith("/");
        List<String> kept = new ArrayList<>();
        for (String component : components(path)) {
            if (component.isEmpty() || component.equals(".")) {
                continue;
            }
            boolean up = component.equals("..");
            if (up && !kept.isEmpty() && !kept.getLast().equals("..")) {
                kept.removeLast();
            } else if (!up || !rooted) {
                kept.add(component);
            }
        }
        String joined = String.join("/", kept);
        if (rooted) {
            return "/" + joined;
        }
        return joined.isEmpty() ? "." : joined;
    }

    static List<String> components(String path) {
        List<String> components = new ArrayList<>();
        int from = 0;
        for (int slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', from)) {
            components.add(path.substring(from, slash));
            from = slash + 1;
        }
        components.add(path.substring(from));
        return components;
    }

    private static int compare(String left, String right) {
        int shorter = Math.min(left.length(), right.length());
        int at = 0;
        while (at < shorter && left.charAt(at) == right.charAt(at)) {
            at++;
        }
        if (at == shorter) {
            return Integer.compare(left.length(), right.length());
        }
        return Integer.compare(weight(left, at), weight(right, at));
    }

    /** Both strings agree before this position, so a low surrogate here has the same high surrogate before it. */
    private static int weight(String path, int at) {
        return path.charAt(at) == '/' ? -1 : path.codePointAt(at);
    }
}
