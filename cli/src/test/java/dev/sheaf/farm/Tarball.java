package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The tarballs that are shipped, made of the jars that this build has made. */
final class Tarball {
    /** Linking takes 15 s on two cores, packing as long; the first one for another architecture downloads a JDK. */
    private static final Duration LIMIT = Duration.ofMinutes(5);

    private static @Nullable Path made;

    private Tarball() {}

    /** The one for amd64, made once for all tests. */
    static synchronized Path ofThisBuild() throws IOException, InterruptedException {
        if (made == null) {
            Path directory = Files.createDirectories(Farm.root().resolve("cli/target/tarball"));
            made = make("amd64", directory, "dist");
        }
        return made;
    }

    /** Makes it in that directory of this one. */
    static Path make(String architecture, Path directory, String name) throws IOException, InterruptedException {
        Path output = directory.resolve(name);
        run(
                directory,
                Farm.root().resolve("deploy/dist").toString(),
                "--no-build",
                "--arch",
                architecture,
                "--output",
                output.toString());
        try (Stream<Path> files = Files.list(output)) {
            List<Path> found = files.filter(file -> file.toString().endsWith("-linux-" + architecture + ".tar.gz"))
                    .toList();
            assertThat(found).hasSize(1);
            return found.getFirst();
        }
    }

    /** Unpacks it; returns the one directory in it. */
    static Path unpack(Path tarball, Path directory) throws IOException, InterruptedException {
        Files.createDirectories(directory);
        run(directory, "tar", "-xzf", tarball.toString(), "-C", directory.toString());
        return directory.resolve(name(tarball));
    }

    /** The name of the directory in it. */
    static String name(Path tarball) {
        return tarball.getFileName().toString().replace(".tar.gz", "");
    }

    /** Runs a command that must succeed; returns what it printed. */
    static String run(Path directory, String... command) throws IOException, InterruptedException {
        try (Program program = Program.start(directory, "command", List.of(command), Map.of())) {
            int code = program.await(LIMIT);
            assertThat(code)
                    .as(String.join(" ", command) + "\n" + program.out() + program.err())
                    .isZero();
            return program.out().strip();
        }
    }
}
