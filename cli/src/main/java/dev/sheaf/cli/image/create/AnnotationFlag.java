package dev.sheaf.cli.image.create;

import dev.sheaf.cli.shell.CliException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Reads --annotation. */
final class AnnotationFlag {
    private static final String PREFIX = "index:";

    private AnnotationFlag() {}

    static Map<String, String> read(List<String> written) throws CliException {
        Map<String, String> annotations = new TreeMap<>();
        for (String text : written) {
            int equals = text.indexOf('=');
            if (!text.startsWith(PREFIX) || equals <= PREFIX.length()) {
                throw CliException.user(
                        "--annotation " + text + ": write index:NAME=VALUE; the images themselves stay as"
                                + " they are, and so do their annotations");
            }
            String name = text.substring(PREFIX.length(), equals);
            if (annotations.put(name, text.substring(equals + 1)) != null) {
                throw CliException.user("--annotation index:" + name + " is given twice");
            }
        }
        return annotations;
    }
}
