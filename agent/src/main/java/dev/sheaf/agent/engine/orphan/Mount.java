package dev.sheaf.agent.engine.orphan;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A line of /proc/PID/mountinfo, as proc(5) describes it.
 *
 * @param device "254:0"
 * @param root which directory or file of that device is mounted
 * @param point where
 */
record Mount(String device, String root, String point) {

    private static final Pattern ESCAPED = Pattern.compile("\\\\([0-7]{3})");

    /** A file or directory as its device knows it: the same under every mount point and in every namespace. */
    record Place(String device, String path) {}

    /** Lines that are no mounts are left out. */
    static List<Mount> parse(String mountinfo) {
        List<Mount> mounts = new ArrayList<>();
        for (String line : mountinfo.split("\n", -1)) {
            String[] words = line.split(" ", 6);
            if (words.length == 6) {
                mounts.add(new Mount(words[2], unescape(words[3]), unescape(words[4])));
            }
        }
        return mounts;
    }

    /** Where an absolute path lies; of two mounts on the same point the later hides the earlier. */
    static Optional<Place> place(List<Mount> mounts, String path) {
        return mounts.reversed().stream()
                .filter(mount -> within(mount.point, path))
                .max(Comparator.comparingInt(mount -> mount.point.length()))
                .map(mount -> new Place(mount.device, join(mount.root, path.substring(mount.point.length()))));
    }

    private static boolean within(String directory, String path) {
        return directory.equals("/") || path.equals(directory) || path.startsWith(directory + "/");
    }

    private static String join(String directory, String rest) {
        String below = rest.startsWith("/") ? rest.substring(1) : rest;
        if (below.isEmpty()) {
            return directory;
        }
        return directory.equals("/") ? "/" + below : directory + "/" + below;
    }

    private static String unescape(String path) {
        return ESCAPED.matcher(path)
                .replaceAll(match ->
                        Matcher.quoteReplacement(Character.toString((char) Integer.parseInt(match.group(1), 8))));
    }
}
