package dev.sheaf.cli.output;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.HostDescription;
import dev.sheaf.v1.SliceState;
import java.io.PrintStream;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where slices were built and agents run, for people and for programs. */
public final class Hosts {
    private Hosts() {}

    /** Adds the keys "host" and "engine"; what is not known is left out of them. */
    public static void json(HostDescription host, ObjectNode node) {
        ObjectNode machine = node.putObject("host");
        put(machine, "machine", host.getMachine());
        put(machine, "kernel", host.getKernel());
        put(machine, "cpu", host.getCpu());
        ObjectNode engine = node.putObject("engine");
        put(engine, "description", host.getEngine());
        put(engine, "docker", host.getDockerVersion());
        put(engine, "buildkit", host.getBuildkitVersion());
        put(engine, "degraded", host.getDegraded());
    }

    private static void put(ObjectNode node, String key, String value) {
        if (!value.isEmpty()) {
            node.put(key, value);
        }
    }

    /** Prints a table of where each slice was built; nothing if no slice was given to an agent. */
    public static void print(Build build, PrintStream out) {
        if (build.getSlicesList().stream().noneMatch(SliceState::hasHost)) {
            return;
        }
        Table table = new Table("PLATFORM", "RUN", "HOST", "ENGINE");
        for (SliceState slice : build.getSlicesList()) {
            if (slice.hasHost()) {
                table.row(
                        Words.of(slice.getPlatform()),
                        slice.getEmulated() ? "EMULATED" : "natively",
                        words(slice.getHost()),
                        slice.getHost().getEngine());
            }
        }
        out.println();
        table.print(out);
        for (SliceState slice : build.getSlicesList()) {
            if (!slice.getHost().getDegraded().isEmpty()) {
                out.println(Words.of(slice.getPlatform()) + " DEGRADED: "
                        + TerminalText.plain(slice.getHost().getDegraded()));
            }
        }
    }

    /** "x86_64, Linux 6.12.9, AMD EPYC 9754". */
    public static String words(HostDescription host) {
        return Stream.of(host.getMachine(), host.getKernel(), host.getCpu())
                .filter(part -> !part.isEmpty())
                .collect(Collectors.joining(", "));
    }
}
