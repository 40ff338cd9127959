package dev.sheaf.coordinator;

import dev.sheaf.coordinator.identity.pki.TlsFiles;
import dev.sheaf.endpoint.FarmAddress;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code sheaf-coordinator init}. */
@Command(
        name = "init",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description =
                "Makes an authority for the farm and a certificate for the coordinator in DIR/tls. Called again, it"
                        + " keeps the authority and makes a certificate for other names.",
        footerHeading = "%nExample:%n",
        footer = {
            "  sheaf-coordinator init --data /var/lib/sheaf --name farm.example.com,192.0.2.10",
            "  sheaf-coordinator users add --data /var/lib/sheaf --operator --team platform alice",
            "  sheaf-coordinator --data /var/lib/sheaf --listen 0.0.0.0:7420"
        })
final class InitCommand implements Callable<Integer> {
    private final CoordinatorMain.Surroundings surroundings;

    @Spec
    private @Nullable CommandSpec spec;

    @Mixin
    private PlaceFlags place = new PlaceFlags();

    @Option(
            names = "--name",
            paramLabel = "HOST[,...]",
            split = ",",
            required = true,
            description = "Host names and addresses that agents and users call the coordinator by; localhost is added.")
    private List<String> names = new ArrayList<>();

    InitCommand(CoordinatorMain.Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public Integer call() throws IOException {
        List<String> hosts = names.stream().map(InitCommand::host).distinct().toList();
        List<String> all = new TlsFiles(place.data(), surroundings.random())
                .init(hosts, surroundings.clock().instant());
        if (spec == null) {
            throw new IllegalStateException("started without a command line");
        }
        PrintWriter out = spec.commandLine().getOut();
        out.println("made " + place.data().resolve("tls") + ", for " + String.join(", ", all));
        out.println("next: sheaf-coordinator users add --data " + place.data() + " --operator --team TEAM YOUR-NAME");
        out.println("then: sheaf-coordinator --data " + place.data() + " --listen 0.0.0.0:" + FarmAddress.DEFAULT_PORT);
        return 0;
    }

    private static String host(String text) {
        String bare = text.strip();
        return new FarmAddress(bare, FarmAddress.DEFAULT_PORT).host();
    }
}
