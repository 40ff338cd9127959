package dev.sheaf.architecture;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.Assumptions;

/**
 * The real engine and registry that tests tagged {@code lab} use. Where the environment does not name them the test is
 * skipped with the reason; with {@code SHEAF_LAB_REQUIRED=1} it fails instead, so that CI cannot skip by accident.
 */
public final class Lab {
    private static final Map<String, String> ENVIRONMENT = System.getenv();

    private Lab() {}

    /** The address of the real Docker Engine, such as {@code unix:///run/lab/docker.sock}. */
    public static String dockerHost() {
        return require("SHEAF_LAB_DOCKER_HOST", "a real Docker Engine");
    }

    /** Host and port of the real registry. */
    public static String registry() {
        return require("SHEAF_LAB_REGISTRY", "a real registry");
    }

    /** The base image with a shell, for linux/amd64 and linux/386. */
    public static String busybox() {
        return registry() + "/lab/busybox:1";
    }

    /** The base image with a C compiler, for linux/amd64 and linux/386. */
    public static String gcc() {
        return registry() + "/lab/gcc:1";
    }

    /** The docker command line of the lab's engine. */
    public static Path docker() {
        return Path.of(require("SHEAF_LAB_DOCKER", "a docker command"));
    }

    /** The buildx plugin of the lab's engine. */
    public static Path buildx() {
        return Path.of(require("SHEAF_LAB_BUILDX", "a buildx plugin"));
    }

    /** The registry program, for tests that run a registry of their own. */
    public static Path registryBinary() {
        return Path.of(require("SHEAF_LAB_REGISTRY_BINARY", "a registry program"));
    }

    /** Any other setting of the lab; skips or fails like the named ones. */
    public static String require(String variable, String what) {
        Optional<String> value = Optional.ofNullable(ENVIRONMENT.get(variable)).filter(text -> !text.isBlank());
        if (value.isEmpty()) {
            missing(what + " is needed, and " + variable + " is not set");
        }
        return value.orElseThrow();
    }

    /** Skips the test with this reason, or fails it where the lab is required. */
    public static void missing(String reason) {
        if ("1".equals(ENVIRONMENT.get("SHEAF_LAB_REQUIRED"))) {
            Assertions.fail(reason + ", but SHEAF_LAB_REQUIRED=1");
        }
        System.err.println("skipped: " + reason);
        Assumptions.abort(reason);
    }
}
