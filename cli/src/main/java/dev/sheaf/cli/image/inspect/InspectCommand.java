package dev.sheaf.cli.image.inspect;

import dev.sheaf.cli.flags.FormatFlag;
import dev.sheaf.cli.image.ImageNames;
import dev.sheaf.cli.image.RegistryFlags;
import dev.sheaf.cli.image.RegistryImage;
import dev.sheaf.cli.image.UserRegistries;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.Shell;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.registry.Registry;
import java.io.PrintStream;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code sheaf inspect}. */
@Command(
        name = "inspect",
        header = "Show what an image in a registry consists of, whoever built it.",
        description = {
            "Its platforms with their digests, compressed sizes and layers, its attestations, its annotations. Calls the"
                    + " registry alone, with this machine's docker logins: no farm is needed."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Examples:",
            "  sheaf inspect registry.example.com/app:1",
            "  sheaf inspect --format json alpine | jq -r '.images[].platform'",
            "  sheaf inspect --raw registry.example.com/app:1 | sha256sum"
        })
public final class InspectCommand implements Callable<Integer> {
    private final Shell shell;

    @Parameters(paramLabel = "IMAGE", description = "The image: NAME, NAME:TAG or NAME@DIGEST.")
    private String image = "";

    @Option(names = "--raw", description = "Print the very bytes that the name points at, and nothing else.")
    private boolean raw;

    @Mixin
    private FormatFlag format = new FormatFlag();

    @Mixin
    private RegistryFlags registries = new RegistryFlags();

    public InspectCommand(Shell shell) {
        this.shell = shell;
    }

    @Override
    public Integer call() throws CliException, InterruptedException {
        if (raw && format.isJson()) {
            throw CliException.user(
                    "--raw and --format json exclude each other: --raw prints the registry's own bytes");
        }
        ImageReference reference = ImageNames.read(image);
        PrintStream out = shell.streams().out();
        try (UserRegistries logins = registries.open(shell)) {
            Registry registry = logins.of(reference.registry());
            if (raw) {
                byte[] bytes = UserRegistries.call(() ->
                        registry.get(reference.repository(), reference.target()).bytes());
                out.write(bytes, 0, bytes.length);
                return 0;
            }
            RegistryImage found = UserRegistries.call(() -> RegistryImage.read(registry, reference));
            if (format.isJson()) {
                out.println(ImageJson.of(found).toPrettyString());
            } else {
                ImageText.print(found, out);
            }
            return 0;
        }
    }
}
