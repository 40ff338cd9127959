package dev.sheaf.coordinator.build;

import java.util.regex.Pattern;

/** Name of a build in this farm; as users see it. */
public record BuildId(String value) {
    private static final Pattern FORM = Pattern.compile("[a-z0-9-]{1,64}");

    public BuildId {
        if (!FORM.matcher(value).matches()) {
            throw new IllegalArgumentException(
                    "a build id is 1 to 64 of a-z, 0-9 and '-', found " + value.length() + " characters that are not");
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
