package dev.sheaf.cli.image.create;

import dev.sheaf.cli.architecture.PolicyFlags;
import dev.sheaf.cli.flags.TagNames;
import dev.sheaf.cli.image.ImageNames;
import dev.sheaf.cli.image.RegistryFlags;
import dev.sheaf.cli.image.RegistryImage;
import dev.sheaf.cli.image.UserRegistries;
import dev.sheaf.cli.image.gate.ContentGate;
import dev.sheaf.cli.image.gate.Verdict;
import dev.sheaf.cli.image.gate.VerdictText;
import dev.sheaf.cli.output.Table;
import dev.sheaf.cli.output.TerminalText;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.arch.Policy;
import dev.sheaf.image.check.ImageCheck.Subject;
import dev.sheaf.image.registry.ManifestContent;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.tag.TagPointer;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf create}. */
@Command(
        name = "create",
        header = "Join images that are in registries already under one index, and move tags to it.",
        description = {
            "The images may be single ones or indexes, in this or another repository or registry; what the index's"
                    + " repository lacks is copied. Their attestations come along. What an image runs on is read from its"
                    + " config, and its content is checked against that. The tags move last, each is read back. Calls"
                    + " registries alone: no farm is needed."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sheaf create -t registry.example.com/app:1 registry.example.com/app:1-amd64 registry.example.com/app:1-arm64",
            "  sheaf create -t registry.example.com/app:stable registry.example.com/app@sha256:...   another tag, same digest",
            "  sheaf create -t registry.example.com/app:1 --append registry.example.com/app:1-riscv64",
            "  sheaf create --dry-run registry.example.com/app:1-amd64 registry.example.com/app:1-arm64"
        })
public final class CreateCommand implements Callable<Integer> {
    private final Shell shell;

    @Parameters(paramLabel = "IMAGE", arity = "1..*", description = "Images and indexes to join.")
    private List<String> images = new ArrayList<>();

    @Option(
            names = {"-t", "--tag"},
            paramLabel = "NAME[:TAG]",
            description = "Tag to move to the index; repeatable.")
    private List<String> tags = new ArrayList<>();

    @Option(
            names = "--annotation",
            paramLabel = "index:NAME=VALUE",
            description = "Annotation of the index; repeatable.")
    private List<String> annotations = new ArrayList<>();

    @Option(names = "--append", description = "Keep what the tag points at, and add the images to it.")
    private boolean append;

    @Option(names = "--dry-run", description = "Print the index, byte for byte, and copy and move nothing.")
    private boolean dryRun;

    @Mixin
    private PolicyFlags judging = new PolicyFlags();

    @Mixin
    private RegistryFlags registries = new RegistryFlags();

    public CreateCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws CliException, InterruptedException {
        List<ImageReference> moved = TagNames.read(tags);
        if (moved.isEmpty() && !dryRun) {
            throw CliException.user("say which tag to move: add --tag registry.example.com/app:1, or --dry-run");
        }
        if (append && moved.size() != 1) {
            throw CliException.user("--append keeps what a tag points at: give exactly one --tag with it");
        }
        Map<String, String> notes = AnnotationFlag.read(annotations);
        Policy policy = judging.read(shell);
        List<ImageReference> named = new ArrayList<>();
        for (String image : images) {
            named.add(ImageNames.read(image));
        }
        try (UserRegistries logins = registries.open(shell)) {
            Composition composition = compose(logins, named, moved, notes);
            composition.notes().forEach(this::note);
            requireFit(composition, policy);
            if (dryRun) {
                byte[] bytes = composition.index().bytes();
                shell.streams().out().write(bytes, 0, bytes.length);
                shell.streams().out().println();
                return 0;
            }
            publish(logins, composition, moved);
            return 0;
        }
    }

    /** Before anything is copied: what does not hold what its platform runs gets no tag. */
    private void requireFit(Composition composition, Policy policy) throws CliException, InterruptedException {
        List<Subject> subjects = composition.picks().stream().map(Pick::subject).toList();
        Verdict verdict = UserRegistries.call(() -> new ContentGate(shell.clock()).judge(subjects, policy));
        if (!verdict.fits()) {
            VerdictText.printErrors(verdict, shell.streams().err());
            throw new CliException(
                    ExitCode.VERIFICATION,
                    "the images do not hold what their platforms run: " + verdict.summary()
                            + "; no tag was moved; build them anew, or say --verify-arch entrypoint or off, or"
                            + " --archignore FILE for single files");
        }
    }

    private Composition compose(
            UserRegistries logins,
            List<ImageReference> named,
            List<ImageReference> moved,
            Map<String, String> annotations)
            throws CliException, InterruptedException {
        List<Source> sources = new ArrayList<>();
        Map<String, String> all = new TreeMap<>();
        if (append) {
            Source kept = source(logins, moved.getFirst());
            kept.image().index().ifPresent(index -> all.putAll(index.annotations()));
            sources.add(kept);
        }
        for (ImageReference reference : named) {
            sources.add(source(logins, reference));
        }
        all.putAll(annotations);
        return UserRegistries.call(() -> Composition.of(sources, all));
    }

    private static Source source(UserRegistries logins, ImageReference reference)
            throws CliException, InterruptedException {
        Registry registry = logins.of(reference.registry());
        return new Source(registry, UserRegistries.call(() -> RegistryImage.read(registry, reference)));
    }

    private void publish(UserRegistries logins, Composition composition, List<ImageReference> moved)
            throws CliException, InterruptedException {
        Map<String, ImageReference> places = new LinkedHashMap<>();
        moved.forEach(tag -> places.putIfAbsent(tag.name(), tag));
        for (ImageReference place : places.values()) {
            bring(logins.of(place.registry()), place, composition);
        }
        List<String> done = new ArrayList<>();
        for (ImageReference tag : moved) {
            Registry registry = logins.of(tag.registry());
            Optional<String> refusal = UserRegistries.call(
                    () -> new TagPointer(shell.sleeper()::sleep).point(registry, tag, composition.index()));
            if (refusal.isPresent()) {
                String before = done.isEmpty() ? "" : "; moved before: " + String.join(", ", done);
                throw new CliException(ExitCode.REGISTRY, TerminalText.plain(refusal.get() + before));
            }
            done.add(tag.toString());
        }
        report(composition, done);
    }

    /** The images and the index under its digest, which is read back: only then may a tag name it. */
    private void bring(Registry registry, ImageReference place, Composition composition)
            throws CliException, InterruptedException {
        ImageCopy copy = new ImageCopy(registry, place);
        ManifestContent index = composition.index();
        for (Pick pick : composition.picks()) {
            if (copy.isNeeded(pick)) {
                note("copying " + pick.reference() + " (" + pick.platform() + ") to " + place.name());
                UserRegistries.call(() -> {
                    copy.run(pick);
                    return pick;
                });
            }
        }
        UserRegistries.call(() -> {
            registry.put(place.repository(), index.digest().value(), index.mediaType(), index.bytes());
            return registry.get(place.repository(), index.digest().value());
        });
    }

    private void report(Composition composition, List<String> done) {
        PrintStream out = shell.streams().out();
        done.forEach(tag -> out.println(tag + "@" + composition.index().digest()));
        Table table = new Table("PLATFORM", "ATTESTATIONS", "FROM", "DIGEST");
        for (Pick pick : composition.picks()) {
            table.row(
                    pick.platform().toString(),
                    Integer.toString(pick.attestations().size()),
                    pick.source().reference().toString(),
                    pick.image().stated().digest().value());
        }
        table.print(out);
    }

    private void note(String line) {
        shell.streams().err().println("=> " + TerminalText.plain(line));
    }
}
