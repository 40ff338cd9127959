package dev.sheaf.agent.engine.failure;

import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.ImageReference;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What the user hears when a registry refuses the engine: which registry, what was refused, what to do. */
final class LoginRefusal {
    private static final Pattern PUSH = Pattern.compile("failed to push (\\S+): ");
    private static final Pattern PULL = Pattern.compile("failed to resolve source metadata for (\\S+): ");
    private static final Pattern STATUS = Pattern.compile("(401 Unauthorized|403 Forbidden|insufficient_scope)");

    private LoginRefusal() {}

    /** The engine's own words, if they name no image. */
    static String sentence(String message, Set<String> logins) {
        Matcher push = PUSH.matcher(message);
        if (push.find()) {
            return sentence("cannot push to ", push.group(1), message, logins);
        }
        Matcher pull = PULL.matcher(message);
        return pull.find() ? sentence("cannot pull ", pull.group(1), message, logins) : message;
    }

    private static String sentence(String what, String image, String message, Set<String> logins) {
        String registry;
        try {
            registry = ImageReference.parse(image).registry();
        } catch (ImageFormatException e) {
            return message;
        }
        Matcher status = STATUS.matcher(message);
        String said = status.find() ? " (" + status.group() + ")" : "";
        String login = "; run \"docker login " + registry + "\"";
        return what + image + ": "
                + (logins.contains(registry)
                        ? "the registry " + registry + " refused the credentials" + said + login
                                + " or check what they may do"
                        : "the registry " + registry + " wants credentials and there are none" + said + login);
    }
}
