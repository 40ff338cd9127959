package dev.sheaf.cli.lint;

import dev.sheaf.cli.lint.Finding.Severity;
import dev.sheaf.dockerfile.Instruction;
import dev.sheaf.dockerfile.Stage;
import dev.sheaf.image.Platform;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Downloads, packages and compilers that are told one architecture, whatever is built. */
final class Downloads {
    static final String DOWNLOAD = "hard-coded-download";
    static final String TARGET = "hard-coded-target";
    static final String VALUE = "hard-coded-architecture";

    /** What chooses by the architecture at hand: then names of architectures are its cases. */
    private static final Pattern CHOICE =
            Pattern.compile("TARGETARCH|TARGETPLATFORM|TARGETVARIANT|BUILDARCH|BUILDPLATFORM"
                    + "|uname\\s+-[a-z]*[mpia]|\\bdpkg(?:-architecture)?\\b[^;&|]*-{1,2}(?:print-architecture|q)"
                    + "|--print-arch\\b|\\$\\(arch\\)|`arch`|go\\s+env\\s+GOARCH|rpm\\s+(?:-E|--eval)|%\\{?_arch|lscpu"
                    + "|\\bcase\\s");

    private static final Pattern COMMANDS = Pattern.compile("&&|\\|\\||[;|\\n]");
    private static final Pattern QUOTES = Pattern.compile("[\"'`]");
    private static final Set<String> FETCHES = Set.of("curl", "wget", "aria2c");
    private static final Set<String> INSTALLS =
            Set.of("apt", "apt-get", "dpkg", "rpm", "yum", "dnf", "microdnf", "zypper", "apk", "pip", "pip3");
    private static final Set<String> BEFORE_NAMES = Set.of("-o", "-O", "--output", "-P", "-H", "--header", "-A", "-d");
    private static final Pattern PACKAGE = Pattern.compile(".*\\.(?:deb|rpm|apk|whl)");
    private static final Pattern SOURCES_ENTRY = Pattern.compile("\\barch=([A-Za-z0-9_]+)");
    private static final String BESIDE = "(?:linux|binary|unknown|gnu|musl|main|dist|release|gnueabihf|eabihf)";
    private static final Pattern WHOLE_PART =
            Pattern.compile("(?:" + BESIDE + "[-_.])*" + Architectures.NAME + "(?:[-_.]" + BESIDE + ")*");
    private static final Pattern COMPILER =
            Pattern.compile("\\b(GOARCH|CARGO_BUILD_TARGET|npm_config_arch|NPM_CONFIG_ARCH)=[\"']?([A-Za-z0-9_-]+)");
    private static final Pattern ARCHITECTURE_VARIABLE = Pattern.compile("(?i).*(?:ARCH|CPU|MACHINE|PLATFORM).*");

    private final Subject subject;
    private final Consumer<Finding> findings;

    Downloads(Subject subject, Consumer<Finding> findings) {
        this.subject = subject;
        this.findings = findings;
    }

    void check() {
        for (Stage stage : subject.stages()) {
            // A stage that is of one platform by its FROM may fetch for that one.
            Set<String> own = stage.platform().contains("$") ? Set.of() : Architectures.in(stage.platform());
            Severity severity = subject.isInImage(stage) ? Severity.ERROR : Severity.WARNING;
            stage.instructions().forEach(step -> check(step, own, severity));
        }
    }

    private void check(Instruction step, Set<String> own, Severity severity) {
        switch (step.keyword()) {
            case "RUN" -> script(step, own, severity);
            case "ADD" -> {
                List<String> words = step.words();
                words.stream()
                        .limit(Math.max(0, words.size() - 1))
                        .filter(word -> word.contains("://"))
                        .forEach(word -> download(step, inAddress(word), own, severity));
            }
            case "ENV", "ARG" -> step.assignments().forEach(set -> value(step, set, own, severity));
            default -> {}
        }
    }

    private void script(Instruction step, Set<String> own, Severity severity) {
        String script = Subject.script(step);
        if (CHOICE.matcher(script).find()) {
            return;
        }
        Set<String> fetched = new TreeSet<>();
        for (String command : COMMANDS.split(script, -1)) {
            fetched.addAll(fetched(command));
        }
        download(step, fetched, own, severity);
        compiler(step, script, own);
    }

    /** The architectures of what one command fetches or installs. */
    private static Set<String> fetched(String command) {
        Set<String> found = new TreeSet<>();
        String[] words = QUOTES.matcher(command).replaceAll(" ").strip().split("\\s+", -1);
        boolean fetches = contains(words, FETCHES);
        boolean installs = contains(words, INSTALLS);
        for (int at = 0; at < words.length; at++) {
            String word = words[at];
            boolean isName = fetches && at > 0 && BEFORE_NAMES.contains(words[at - 1]);
            if (isName || word.startsWith("-")) {
                continue;
            }
            if (word.contains("://") || fetches) {
                found.addAll(inAddress(word));
            } else if (installs && PACKAGE.matcher(word).matches()) {
                found.addAll(Architectures.in(word));
            }
        }
        if (command.contains("deb ") || command.contains("deb\t")) {
            Matcher entry = SOURCES_ENTRY.matcher(command);
            while (entry.find()) {
                found.addAll(Architectures.in(entry.group(1)));
            }
        }
        return found;
    }

    private static boolean contains(String[] words, Set<String> names) {
        for (String word : words) {
            if (names.contains(word)) {
                return true;
            }
        }
        return false;
    }

    /** In the last part of an address, or as a whole part before: not in the names of projects. */
    private static Set<String> inAddress(String address) {
        String path = address.replaceFirst("[?#].*$", "");
        String[] parts = path.split("/", -1);
        Set<String> found = new TreeSet<>(Architectures.in(parts[parts.length - 1]));
        for (int at = 0; at < parts.length - 1; at++) {
            if (WHOLE_PART.matcher(parts[at]).matches()) {
                found.addAll(Architectures.in(parts[at]));
            }
        }
        return found;
    }

    private void download(Instruction step, Set<String> named, Set<String> own, Severity severity) {
        if (isForeign(named, own)) {
            findings.accept(Finding.at(
                    step,
                    DOWNLOAD,
                    severity,
                    "it fetches what is made for " + String.join(" and ", named) + ", on every platform of "
                            + subject.platformWords(),
                    "choose by ARG TARGETARCH, or by dpkg --print-architecture or uname -m in the step"));
        }
    }

    private void compiler(Instruction step, String script, Set<String> own) {
        Matcher set = COMPILER.matcher(script);
        Set<String> named = new TreeSet<>();
        String variable = "";
        while (set.find()) {
            named.addAll(Architectures.in(set.group(2)));
            variable = set.group(1);
        }
        if (isForeign(named, own)) {
            findings.accept(Finding.at(
                    step,
                    TARGET,
                    Severity.ERROR,
                    variable + " is " + String.join(" and ", named) + " on every platform of "
                            + subject.platformWords(),
                    "leave " + variable + " out, for each platform is built natively; or set it from ARG TARGETARCH"));
        }
    }

    private void value(Instruction step, Instruction.Assignment set, Set<String> own, Severity severity) {
        String value = QUOTES.matcher(set.value().orElse("")).replaceAll("");
        if (CHOICE.matcher(value).find() || (step.is("ARG") && subject.isGiven(set.name()))) {
            return;
        }
        if (value.contains("://")) {
            download(step, inAddress(value), own, severity);
            return;
        }
        compiler(step, set.name() + "=" + value, own);
        boolean isPlatformArgument = PlatformArguments.NAMES.contains(set.name());
        boolean isCompiler = COMPILER.matcher(set.name() + "=" + value).matches();
        Set<String> named = Architectures.in(value);
        if (!isPlatformArgument
                && !isCompiler
                && ARCHITECTURE_VARIABLE.matcher(set.name()).matches()
                && WHOLE_PART.matcher(value.replace('/', '-')).matches()
                && isForeign(named, own)) {
            findings.accept(Finding.at(
                    step,
                    VALUE,
                    Severity.WARNING,
                    set.name() + " is " + value + " on every platform of " + subject.platformWords(),
                    "set it from ARG TARGETARCH"));
        }
    }

    private boolean isForeign(Collection<String> named, Set<String> own) {
        Set<Platform> platforms = subject.platforms();
        return Architectures.leaveOut(named, platforms) && !own.containsAll(named);
    }
}
