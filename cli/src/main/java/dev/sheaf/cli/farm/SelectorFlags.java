package dev.sheaf.cli.farm;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.v1.AgentSelection;
import dev.sheaf.v1.Platform;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Which agents are meant, the same for every command that changes some. */
final class SelectorFlags {
    @Parameters(paramLabel = "NAME", arity = "0..*", description = "Agents by name.")
    private List<String> names = new ArrayList<>();

    @Option(names = "--pool", paramLabel = "POOL", description = "Only those of this pool.")
    private String pool = "";

    @Option(names = "--platform", paramLabel = "P", description = "Only those that offer this platform, or may.")
    private String platform = "";

    AgentSelection selection() throws CliException {
        if (names.isEmpty() && pool.isEmpty() && platform.isEmpty()) {
            throw CliException.user("say which agents: names, --pool or --platform");
        }
        AgentSelection.Builder selection =
                AgentSelection.newBuilder().addAllNames(names).setPool(pool);
        if (!platform.isEmpty()) {
            selection.setPlatform(platform(platform));
        }
        return selection.build();
    }

    static Platform platform(String text) throws CliException {
        try {
            dev.sheaf.image.Platform parsed = dev.sheaf.image.Platform.parse(text);
            return Platform.newBuilder()
                    .setOs(parsed.os())
                    .setArchitecture(parsed.architecture())
                    .setVariant(parsed.variant())
                    .build();
        } catch (IllegalArgumentException e) {
            throw CliException.user("--platform: " + e.getMessage());
        }
    }
}
