package dev.sheaf.coordinator;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A size as operators write it: {@code 20GiB}, {@code 500MiB}. */
record ByteSize(long bytes) {
    private static final Pattern FORM = Pattern.compile("([0-9]{1,9})(KiB|MiB|GiB|TiB)");

    /** Throws IllegalArgumentException with one sentence. */
    static ByteSize parse(String text) {
        Matcher matcher = FORM.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(
                    "\"" + text + "\" is not a size: write a number and KiB, MiB, GiB or TiB, such as 20GiB");
        }
        int shift = switch (matcher.group(2)) {
            case "KiB" -> 10;
            case "MiB" -> 20;
            case "GiB" -> 30;
            default -> 40;
        };
        long number = Long.parseLong(matcher.group(1));
        if (number == 0 || number > Long.MAX_VALUE >> shift) {
            throw new IllegalArgumentException("\"" + text + "\" is not a size that a disk can have");
        }
        return new ByteSize(number << shift);
    }
}
