package dev.sheaf.cli.architecture;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.image.Platform;
import dev.sheaf.image.arch.Policy.Exemption;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The file {@code .archignore} of a context: paths in the image that may be for other architectures.
 *
 * <pre>
 * # comment
 * /opt/firmware/**                          for the card, never executed here
 * /usr/lib/qemu/*  linux/amd64,linux/arm64  emulates the others
 * </pre>
 *
 * <p>A pattern of paths ("*" within a directory, "**" across them), then platforms if it is about some only, then why.
 */
public final class ArchIgnore {
    /** Its name in a context. */
    public static final String NAME = ".archignore";

    /** The farm takes no more. */
    static final int MAX_EXCEPTIONS = 1_000;

    /** In bytes: nothing that somebody wrote by hand comes near this. */
    static final long MAX_BYTES = 256 * 1024;

    private static final int MAX_CHARACTERS = 500; // of a pattern or a reason

    private ArchIgnore() {}

    /** Reads the file of a directory; none if there is no such file. */
    public static List<Exemption> of(Path directory) throws CliException {
        Path file = directory.resolve(NAME);
        return Files.notExists(file) ? List.of() : read(file);
    }

    /** Reads a file, which must be there. */
    static List<Exemption> read(Path file) throws CliException {
        try {
            if (Files.size(file) > MAX_BYTES) {
                throw CliException.user(file + " is larger than " + MAX_BYTES + " bytes");
            }
            return parse(Files.readAllLines(file), file.toString());
        } catch (NoSuchFileException e) {
            throw CliException.user("there is no file " + file);
        } catch (IOException e) {
            throw CliException.user(file + " cannot be read as text: " + e.getMessage());
        }
    }

    private static List<Exemption> parse(List<String> lines, String file) throws CliException {
        List<Exemption> exceptions = new ArrayList<>();
        int number = 0;
        for (String line : lines) {
            number++;
            String text = line.strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                parse(text, file + ":" + number, exceptions);
            }
        }
        if (exceptions.size() > MAX_EXCEPTIONS) {
            throw CliException.user(file + " has " + exceptions.size() + " exceptions, and at most " + MAX_EXCEPTIONS
                    + " are taken: write patterns");
        }
        return exceptions;
    }

    private static void parse(String text, String place, List<Exemption> exceptions) throws CliException {
        String[] words = text.split("\\s+", 2);
        if (!words[0].startsWith("/")) {
            throw CliException.user(
                    place + ": \"" + words[0] + "\" is not an absolute path in the image, such as /opt/firmware/**");
        }
        String rest = words.length == 1 ? "" : words[1];
        String[] second = rest.split("\\s+", 2);
        List<Optional<Platform>> platforms = List.of(Optional.empty());
        if (second[0].startsWith("linux/")) {
            platforms = platforms(second[0], place);
            rest = second.length == 1 ? "" : second[1];
        }
        String reason = rest.startsWith("#") ? rest.substring(1).strip() : rest;
        if (reason.isEmpty()) {
            throw CliException.user(place + ": write behind " + words[0] + " why it may be for another architecture");
        }
        if (words[0].length() > MAX_CHARACTERS || reason.length() > MAX_CHARACTERS) {
            throw CliException.user(place + ": a path or a reason has more than " + MAX_CHARACTERS + " characters");
        }
        for (Optional<Platform> platform : platforms) {
            try {
                exceptions.add(new Exemption(words[0], platform, reason));
            } catch (IllegalArgumentException e) {
                throw CliException.user(place + ": " + e.getMessage());
            }
        }
    }

    private static List<Optional<Platform>> platforms(String list, String place) throws CliException {
        List<Optional<Platform>> platforms = new ArrayList<>();
        for (String one : list.split(",", -1)) {
            try {
                platforms.add(Optional.of(Platform.parse(one)));
            } catch (IllegalArgumentException e) {
                throw CliException.user(place + ": " + e.getMessage());
            }
        }
        return platforms;
    }
}
