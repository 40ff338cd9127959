package dev.sheaf.cli.image.verify;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.cli.architecture.PolicyFlags;
import dev.sheaf.cli.flags.FormatFlag;
import dev.sheaf.cli.image.ImageNames;
import dev.sheaf.cli.image.RegistryFlags;
import dev.sheaf.cli.image.RegistryImage;
import dev.sheaf.cli.image.RegistryImage.Part;
import dev.sheaf.cli.image.UserRegistries;
import dev.sheaf.cli.image.gate.ContentGate;
import dev.sheaf.cli.image.gate.Verdict;
import dev.sheaf.cli.image.gate.VerdictJson;
import dev.sheaf.cli.image.gate.VerdictText;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import dev.sheaf.image.arch.Policy;
import dev.sheaf.image.check.ImageCheck.Subject;
import dev.sheaf.image.check.ImageDocuments;
import dev.sheaf.image.registry.Registry;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf verify}. */
@Command(
        name = "verify",
        header = "Check that an image in a registry holds what its platforms run, whoever built it.",
        description = {
            "Reads the layers of each platform's image, as streams, and judges the programs in them. Calls the registry"
                    + " alone, with this machine's docker logins: no farm is needed."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sheaf verify registry.example.com/app:1",
            "  sheaf verify --platform linux/amd64,linux/arm64 registry.example.com/app:1    and both must be there",
            "  sheaf verify --verify-arch entrypoint --format json alpine",
            "  sheaf verify --archignore .archignore registry.example.com/app:1              with the exceptions of its build",
            "",
            "Exit codes: 0 it fits; 65 it does not, or a platform that was asked for is not there; 1 the flags, or there",
            "is no such image; 76 the registry failed, or lacks what the index names; 77 it refused the credentials."
        })
public final class VerifyCommand implements Callable<Integer> {
    private final Shell shell;

    @Parameters(paramLabel = "IMAGE", description = "The image: NAME, NAME:TAG or NAME@DIGEST.")
    private String image = "";

    @Option(
            names = "--platform",
            paramLabel = "OS/ARCH",
            description = "Check only these, which must be there; comma-separated or repeated (default: all).")
    private List<String> platforms = new ArrayList<>();

    @Mixin
    private PolicyFlags judging = new PolicyFlags();

    @Mixin
    private FormatFlag format = new FormatFlag();

    @Mixin
    private RegistryFlags registries = new RegistryFlags();

    public VerifyCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws CliException, InterruptedException {
        ImageReference reference = ImageNames.read(image);
        Policy policy = judging.read(shell);
        Set<Platform> wanted = wanted();
        try (UserRegistries logins = registries.open(shell)) {
            Registry registry = logins.of(reference.registry());
            RegistryImage found = UserRegistries.call(() -> RegistryImage.read(registry, reference));
            List<Subject> subjects = subjects(registry, found, wanted);
            Verdict verdict = UserRegistries.call(() -> new ContentGate(shell.clock()).judge(subjects, policy));
            print(found, verdict);
            if (!verdict.fits()) {
                throw new CliException(
                        ExitCode.VERIFICATION,
                        reference + " does not hold what its platforms run: " + verdict.summary());
            }
            return 0;
        }
    }

    private Set<Platform> wanted() throws CliException {
        Set<Platform> wanted = new LinkedHashSet<>();
        for (String list : platforms) {
            for (String one : list.split(",", -1)) {
                try {
                    wanted.add(Platform.parse(one.strip()));
                } catch (IllegalArgumentException e) {
                    throw CliException.user("--platform: " + e.getMessage());
                }
            }
        }
        return wanted;
    }

    private static List<Subject> subjects(Registry registry, RegistryImage found, Set<Platform> wanted)
            throws CliException {
        List<Subject> subjects = new ArrayList<>();
        Set<Platform> missing = new LinkedHashSet<>(wanted);
        for (Part part : found.images()) {
            Platform platform = platform(part);
            if (!wanted.isEmpty() && !wanted.contains(platform)) {
                continue;
            }
            missing.remove(platform);
            ImageDocuments documents = part.documents()
                    .orElseThrow(() -> new CliException(
                            ExitCode.REGISTRY,
                            "the registry does not have " + part.stated().digest() + ", which " + found.reference()
                                    + " names for " + platform));
            subjects.add(new Subject(registry, found.reference().repository(), documents, platform, Set.of()));
        }
        if (!missing.isEmpty() || subjects.isEmpty()) {
            throw new CliException(
                    ExitCode.VERIFICATION,
                    found.reference() + " has no " + (missing.isEmpty() ? "image" : words(missing)) + "; it has "
                            + words(found.images().stream()
                                    .map(VerifyCommand::platform)
                                    .toList()));
        }
        return subjects;
    }

    /** What whoever pulls the image takes it for: the index's word, and of a single image its config's. */
    private static Platform platform(Part part) {
        return part.stated().platform().or(part::platform).orElse(Platform.UNKNOWN);
    }

    private static String words(Iterable<Platform> platforms) {
        List<String> names = new ArrayList<>();
        platforms.forEach(platform -> names.add(platform.toString()));
        return names.isEmpty() ? "none" : names.stream().distinct().collect(Collectors.joining(", "));
    }

    private void print(RegistryImage found, Verdict verdict) {
        PrintStream out = shell.streams().out();
        if (format.isJson()) {
            ObjectNode root = JsonNodeFactory.instance.objectNode();
            root.put("name", found.reference().toString());
            root.put("digest", found.top().digest().value());
            VerdictJson.write(verdict, root);
            out.println(root.toPrettyString());
        } else {
            VerdictText.print(verdict, out);
        }
    }
}
