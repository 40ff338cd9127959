package dev.sheaf.image.arch;

import dev.sheaf.image.Platform;
import dev.sheaf.image.elf.ElfFile;
import java.util.Locale;
import java.util.regex.Pattern;

/** Words for people: what made a layer, and what to change about it. Pure. */
final class Advice {
    private static final Pattern SHELL = Pattern.compile(
            "^(?:RUN )?(?:\\|\\d+ (?:\\S+=(?:\\S|\\\\ )* )*?)?/bin/(?:ba|a)?sh (?:-\\w+ )*-\\w*c (?:#\\(nop\\)\\s+)?");
    private static final Pattern DEFAULT_ARGUMENT =
            Pattern.compile("(?:^RUN )?\\|\\d+ .*?\\bTARGETARCH=(?<value>\\w+)");
    private static final Pattern DOWNLOAD =
            Pattern.compile("\\b(curl|wget|aria2c|gh release|ADD https?://|pip3? download)\\b|ADD https?://");
    private static final Pattern COMPILER = Pattern.compile(
            "(?<![\\w-])(?<setting>GOARCH|GOAMD64|CARGO_BUILD_TARGET|--target|--platform|--arch|-march)[= ]");

    private Advice() {}

    /** An entry of a configuration's history as people write it in a Dockerfile, in one line. */
    static String instruction(String createdBy) {
        String text = createdBy.replaceAll("\\s+", " ").strip();
        if (text.endsWith("# buildkit")) {
            text = text.substring(0, text.length() - "# buildkit".length()).strip();
        }
        boolean isMarker = text.contains("#(nop)");
        String bare = SHELL.matcher(text).replaceFirst("");
        return bare.equals(text) || isMarker ? bare.strip() : "RUN " + bare.strip();
    }

    /** What to do about a file of another machine. */
    static String forFile(String createdBy, ElfFile elf, Platform platform) {
        var argument = DEFAULT_ARGUMENT.matcher(createdBy);
        if (argument.find() && Places.isNamed(argument.group("value"), elf.machine())) {
            return "declare ARG TARGETARCH in that stage without a default, which overrides the platform's own value";
        }
        var setting = COMPILER.matcher(createdBy);
        String instruction = instruction(createdBy);
        if (DOWNLOAD.matcher(instruction).find()) {
            return "download the one for $TARGETARCH";
        } else if (setting.find()) {
            return "take " + setting.group("setting") + " from $TARGETARCH instead of setting it by hand";
        }
        String upper = instruction.toUpperCase(Locale.ROOT);
        if (upper.startsWith("COPY") || upper.startsWith("ADD")) {
            return "build it in a stage of the Dockerfile for $TARGETARCH, or copy the one for " + platform;
        } else if (upper.startsWith("RUN")) {
            return "have this step make or fetch it for $TARGETARCH";
        }
        return "build or fetch it for " + platform;
    }

    static final String BASE = "name the base image by its tag or by the digest of its index, not by the digest of one "
            + "platform, and leave --platform to the build";

    static String an(String noun) {
        boolean vowel = "aeiou".indexOf(Character.toLowerCase(noun.charAt(0))) >= 0;
        return (vowel || noun.startsWith("x") || noun.startsWith("s390") ? "an " : "a ") + noun;
    }
}
