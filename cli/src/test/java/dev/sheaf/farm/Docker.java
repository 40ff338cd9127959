package dev.sheaf.farm;

import dev.sheaf.architecture.Lab;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;

/** The docker client on the lab's engine: what a user would pull and run with. */
final class Docker {
    private Docker() {}

    /** Pulls the platform's image and runs it; returns what it printed. */
    static String run(String platform, String image, String... command) throws IOException, InterruptedException {
        docker(List.of("pull", "-q", "--platform", platform, image));
        return docker(Stream.concat(
                        Stream.of("run", "--rm", "--network", "none", "--platform", platform, image),
                        Stream.of(command))
                .toList());
    }

    static String docker(List<String> arguments) throws IOException, InterruptedException {
        return run(Stream.concat(Stream.of(System.getenv("SHEAF_LAB_DOCKER")), arguments.stream())
                .toList());
    }

    static String buildx(String... arguments) throws IOException, InterruptedException {
        return run(Stream.concat(Stream.of(System.getenv("SHEAF_LAB_BUILDX")), Stream.of(arguments))
                .toList());
    }

    private static String run(List<String> command) throws IOException, InterruptedException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().put("DOCKER_HOST", Lab.dockerHost());
        Process process = builder.start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new AssertionError(command + " failed: " + output);
        }
        return output.strip();
    }
}
