package dev.sheaf.coordinator.build;

import java.util.regex.Pattern;

/** Name of a build in this farm; as users see it. */
public record BuildId(String value) {
    private static final Pattern FORM = Pattern.compile("[a-z0-9-]{1,64}");

    private static final int LONGEST = 64; // characters

    public BuildId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException("\"" + shown(value)
                    + "\" is no build id: it has 1 to 64 of a-z, 0-9 and '-'; sheaf builds lists them");
        }
    }

    private static String shown(String value) {
        return value.length() <= LONGEST ? value : value.substring(0, LONGEST) + "...";
    }

    @Override
    public String toString() {
        return value;
    }
}
