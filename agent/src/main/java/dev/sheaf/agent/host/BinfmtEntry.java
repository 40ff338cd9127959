package dev.sheaf.agent.host;

import java.util.HexFormat;

/**
 * One handler of /proc/sys/fs/binfmt_misc: programs whose first bytes match are given to an interpreter, which for
 * foreign architectures is an emulator. It takes precedence over the kernel's own loader.
 *
 * @param offset position of the magic in the file, in bytes
 * @param magic empty: the handler goes by file name extension
 * @param mask as long as magic
 */
@SuppressWarnings("ArrayRecordComponent") // read only, and never compared
record BinfmtEntry(String name, boolean enabled, String interpreter, int offset, byte[] magic, byte[] mask) {
    static BinfmtEntry parse(String name, String text) {
        boolean enabled = false;
        String interpreter = "";
        int offset = 0;
        byte[] magic = {};
        byte[] mask = {};
        for (String line : text.lines().map(String::strip).toList()) {
            int space = line.indexOf(' ');
            String key = space < 0 ? line : line.substring(0, space);
            String value = space < 0 ? "" : line.substring(space + 1).strip();
            switch (key) {
                case "enabled" -> enabled = true;
                case "interpreter" -> interpreter = value;
                case "offset" -> offset = Integer.parseInt(value);
                case "magic" -> magic = HexFormat.of().parseHex(value);
                case "mask" -> mask = HexFormat.of().parseHex(value);
                default -> {
                    // "flags:", "extension", "disabled": nothing that decides whether a header matches.
                }
            }
        }
        return new BinfmtEntry(name, enabled, interpreter, offset, magic, mask);
    }

    /** Whether the kernel would give this program to the interpreter. */
    boolean takes(TinyProgram program) {
        byte[] header = program.elf();
        if (!enabled || magic.length == 0 || offset < 0 || offset + magic.length > header.length) {
            return false;
        }
        for (int i = 0; i < magic.length; i++) {
            int relevant = i < mask.length ? mask[i] : 0xff;
            if (((header[offset + i] ^ magic[i]) & relevant & 0xff) != 0) {
                return false;
            }
        }
        return true;
    }

    @Override
    public String toString() {
        return name + " (" + interpreter + ")";
    }
}
