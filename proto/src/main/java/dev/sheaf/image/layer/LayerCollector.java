package dev.sheaf.image.layer;

import dev.sheaf.image.Digest;
import dev.sheaf.image.layer.LayerFacts.Oddity;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Gathers the entries of one layer, within limits. A later entry of the same path replaces the earlier one. */
final class LayerCollector {
    private static final String WHITEOUT = ".wh.";
    private static final String OPAQUE = ".wh..wh..opq";
    private static final String RESERVED = ".wh..wh.";

    private final LayerLimits limits;
    private final Map<String, FileFacts> files = new LinkedHashMap<>();
    private final PathSet.Builder plain = new PathSet.Builder();
    private final PathSet.Builder shapeless = new PathSet.Builder();
    private final PathSet.Builder directories = new PathSet.Builder();
    private final List<String> whiteouts = new ArrayList<>();
    private final List<String> opaque = new ArrayList<>();
    private final List<Oddity> oddities = new ArrayList<>();
    private String lastParent = "";
    private long characters;
    private long entries;

    LayerCollector(LayerLimits limits) {
        this.limits = limits;
    }

    /** Counts an entry, and says where it lies in the image. */
    String enter(String name) throws LayerFormatException {
        if (++entries > limits.entries()) {
            throw new LayerFormatException("it has more than " + limits.entries() + " entries (limit entries)");
        }
        if (name.length() > LayerPaths.MAX_PATH) {
            throw new LayerFormatException("a path in it has " + name.length() + " characters, more than the "
                    + LayerPaths.MAX_PATH + " of Linux: " + name.substring(0, 80) + "...");
        }
        String path = LayerPaths.absolute(name);
        if (LayerPaths.isEscape(name)) {
            odd(path, "is written as " + name + ", which leads out of the image");
        }
        String parent = LayerPaths.parent(path);
        if (!parent.equals(lastParent)) {
            lastParent = parent;
            for (String above = parent; !above.equals("/"); above = LayerPaths.parent(above)) {
                directory(above);
            }
        }
        return path;
    }

    /** Takes what the entry's name alone says; false if the entry is a file as any other. */
    boolean isWhiteout(String path) throws LayerFormatException {
        String name = LayerPaths.name(path);
        if (!name.startsWith(WHITEOUT)) {
            return false;
        }
        String parent = LayerPaths.parent(path);
        if (name.equals(OPAQUE)) {
            count(parent.length());
            opaque.add(parent);
        } else if (!name.startsWith(RESERVED)) {
            count(path.length());
            whiteouts.add(LayerPaths.child(parent, name.substring(WHITEOUT.length())));
        }
        return true;
    }

    void fact(FileFacts fact) throws LayerFormatException {
        count(fact.length());
        files.put(fact.path(), fact);
    }

    void plain(String path) {
        files.remove(path);
        plain.add(path);
    }

    void shapeless(String path) {
        files.remove(path);
        shapeless.add(path);
    }

    /** A limit of its own: a million deep paths make many more directories than entries. */
    void directory(String path) throws LayerFormatException {
        if (directories.size() >= 4 * limits.entries()) {
            throw new LayerFormatException(
                    "it has more than " + 4 * limits.entries() + " directories (limit 4 x entries)");
        }
        files.remove(path);
        directories.add(path);
    }

    /** A second name of a file that came before. */
    void hardLink(String path, String target) throws LayerFormatException {
        String existing = LayerPaths.absolute(target);
        if (LayerPaths.isEscape(target)) {
            odd(path, "is a hard link to " + target + ", which leads out of the image");
        }
        @Nullable FileFacts linked = files.get(existing);
        if (linked != null) {
            fact(linked.at(path));
        } else {
            plain(path);
        }
    }

    void odd(String path, String what) {
        if (oddities.size() < LayerFacts.MAX_ODDITIES) {
            oddities.add(new Oddity(path, what.length() > 300 ? what.substring(0, 300) + "..." : what));
        }
    }

    long entries() {
        return entries;
    }

    LayerFacts facts(Digest digest, long bytes) {
        return new LayerFacts(
                digest,
                bytes,
                entries,
                List.copyOf(files.values()),
                plain.build(),
                shapeless.build(),
                directories.build(),
                whiteouts,
                opaque,
                oddities);
    }

    private void count(int length) throws LayerFormatException {
        characters += length;
        if (files.size() + whiteouts.size() + opaque.size() >= limits.facts()) {
            throw new LayerFormatException(
                    "it has more than " + limits.facts() + " programs, scripts and links (limit facts)");
        }
        if (characters > limits.factCharacters()) {
            throw new LayerFormatException("the paths of its programs, scripts and links have more than "
                    + limits.factCharacters() + " characters (limit factCharacters)");
        }
    }
}
