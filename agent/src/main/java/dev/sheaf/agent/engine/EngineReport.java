package dev.sheaf.agent.engine;

import dev.sheaf.agent.engine.classic.ClassicStore;
import dev.sheaf.v1.Platform;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a probe found.
 *
 * @param description one line for people: "Docker Engine 26.1.5 (containerd store), BuildKit v0.13.1"
 * @param facts what the engine states of itself
 * @param platforms what the engine says that it runs, emulated ones included: proves nothing
 * @param problem why slices cannot be built here, and after its last "; " what to do, one line. Empty: they can
 */
public record EngineReport(String description, Facts facts, List<Platform> platforms, String problem) {

    /** What to do about a classic store. */
    public static final String UPGRADE =
            "name a BuildKit for this engine to run with --buildkit-image, or put \"features\": "
                    + "{\"containerd-snapshotter\": true} into /etc/docker/daemon.json (Docker Engine 26.1 and newer;"
                    + " images of the classic store are not seen until it is switched back) and restart Docker";

    private static final Pattern MAJOR = Pattern.compile("\\d{1,6}");
    private static final int FIRST_WITH_POLICIES = 23;

    /** Where an engine keeps images. */
    public enum Store {
        /** A BuildKit by itself: images are pushed only. */
        NONE,
        CONTAINERD,
        /** Cannot push by digest: degraded. */
        CLASSIC
    }

    /**
     * What an engine states of itself.
     *
     * @param answers somebody who is an engine answered; if not, nothing else is known
     * @param docker version of the Docker Engine, "26.1.5". Empty: it is none
     * @param buildKit version of the BuildKit, "v0.13.1". Empty: it states none
     * @param data the directory of its images and caches, on its own machine. Empty: it does not say
     */
    public record Facts(boolean answers, String docker, String buildKit, Store store, String data) {
        /** Nobody answered. */
        public static final Facts NONE = new Facts(false, "", "", Store.NONE, "");
    }

    public EngineReport {
        platforms = List.copyOf(platforms);
    }

    /** What is lacking in what this engine makes, one line that every result of it bears. Empty: nothing. */
    public String degraded() {
        if (facts.store() != Store.CLASSIC) {
            return "";
        }
        return pinsBases() ? ClassicStore.DEGRADED : ClassicStore.DEGRADED + ", base images are not pinned";
    }

    /** Docker Engine before 23 has a BuildKit before 0.11, which knows no source policy and resolves tags by itself. */
    private boolean pinsBases() {
        Matcher major = MAJOR.matcher(facts.docker());
        return !major.lookingAt() || Integer.parseInt(major.group()) >= FIRST_WITH_POLICIES;
    }

    /** Whether slices can be built here. */
    public boolean usable() {
        return problem.isEmpty();
    }
}
