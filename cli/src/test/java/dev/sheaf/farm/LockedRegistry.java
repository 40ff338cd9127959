package dev.sheaf.farm;

import dev.sheaf.architecture.Lab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

/** A registry of the lab that lets in only those it knows. */
final class LockedRegistry implements AutoCloseable {
    private final String name;
    private final String address;

    private LockedRegistry(String name, String address) {
        this.name = name;
        this.address = address;
    }

    /** With the lab's options for who is let in. */
    static LockedRegistry start(String... options) throws IOException, InterruptedException {
        String name = "it-" + UUID.randomUUID().toString().substring(0, 8);
        String address = lab(Stream.concat(Stream.of("registry", directory().toString(), name), Arrays.stream(options))
                .toList());
        return new LockedRegistry(name, address);
    }

    String address() {
        return address;
    }

    /** The digest that a tag points to, read from the registry's own files; empty: there is no such tag. */
    String tag(String repository, String tag) throws IOException {
        Path link = directory()
                .resolve("registry/" + name + "/data/docker/registry/v2/repositories/" + repository
                        + "/_manifests/tags/" + tag + "/current/link");
        return Files.exists(link) ? Files.readString(link) : "";
    }

    private static Path directory() {
        return Path.of(Lab.require("SHEAF_LAB_DIR", "a lab"));
    }

    private static String lab(List<String> arguments) throws IOException, InterruptedException {
        Path program = Farm.root().resolve("deploy/lab/lab");
        Process process = new ProcessBuilder(Stream.concat(Stream.of(program.toString()), arguments.stream())
                        .toList())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError("the lab does not start a registry: " + output);
        }
        return output.strip();
    }

    @Override
    public void close() throws IOException {
        try {
            lab(List.of("stop", directory().toString(), name));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
