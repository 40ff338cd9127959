package dev.sheaf.coordinator.identity;

import java.util.regex.Pattern;

/** Names of agents, pools, users and teams. */
final class Names {
    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,62}");

    private Names() {}

    static String require(String what, String name) {
        if (!FORM.matcher(name).matches()) {
            String shown = name.length() <= 64 ? name : name.substring(0, 64) + "...";
            throw new IllegalArgumentException(
                    "\"" + shown + "\" is no name for " + (what.startsWith("a") ? "an " : "a ")
                            + what
                            + ": take 1 to 63 letters, digits, dots, dashes, underscores or @, and begin with a letter or"
                            + " digit");
        }
        return name;
    }
}
