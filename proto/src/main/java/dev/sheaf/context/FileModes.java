package dev.sheaf.context;

import dev.sheaf.v1.FileEntry;

/** What kind of file an entry is, in the mode bits of Go that BuildKit's messages carry. */
public final class FileModes {
    public static final int DIRECTORY = 0x8000_0000;
    public static final int LINK = 0x0800_0000;
    public static final int DEVICE = 0x0400_0000;
    public static final int PIPE = 0x0200_0000;
    public static final int SOCKET = 0x0100_0000;

    /** Together with {@link #DEVICE}. */
    public static final int CHARACTER = 0x0020_0000;

    private static final int IRREGULAR = 0x0008_0000;
    private static final int KIND = DIRECTORY | LINK | DEVICE | PIPE | SOCKET | CHARACTER | IRREGULAR;

    private static final int UNIX_KIND = 0170000;

    private FileModes() {}

    /** The same kind and permissions as a Unix mode has. */
    public static int ofUnix(int unixMode) {
        int kind = switch (unixMode & UNIX_KIND) {
            case 0040000 -> DIRECTORY;
            case 0120000 -> LINK;
            case 0060000 -> DEVICE;
            case 0020000 -> DEVICE | CHARACTER;
            case 0010000 -> PIPE;
            case 0140000 -> SOCKET;
            default -> 0;
        };
        return kind | permissions(unixMode);
    }

    /** Permission bits, setuid, setgid and sticky of a Unix mode, where Go has them. */
    public static int permissions(int unixMode) {
        int mode = unixMode & 0777;
        mode |= (unixMode & 04000) != 0 ? 1 << 23 : 0;
        mode |= (unixMode & 02000) != 0 ? 1 << 22 : 0;
        mode |= (unixMode & 01000) != 0 ? 1 << 20 : 0;
        return mode;
    }

    public static boolean isDirectory(FileEntry entry) {
        return (entry.getMode() & DIRECTORY) != 0;
    }

    public static boolean isLink(FileEntry entry) {
        return (entry.getMode() & LINK) != 0;
    }

    /** A file with content, as opposed to directories, links, pipes, sockets and devices. */
    public static boolean isRegular(FileEntry entry) {
        return (entry.getMode() & KIND) == 0;
    }
}
