package dev.sheaf.coordinator.build.host;

import java.util.Objects;

/**
 * The machine that an agent runs on, as the agent describes it. Empty: not said.
 *
 * @param machine the architecture by the kernel's name, "x86_64"
 * @param kernel its name and release, "Linux 6.12.9"
 * @param cpu the processor's name
 */
public record Host(String machine, String kernel, String cpu, Engine engine) {
    /** Nothing known. */
    public static final Host UNKNOWN = new Host("", "", "", new Engine("", "", "", ""));

    /**
     * What builds there. Empty: not said.
     *
     * @param description one line for people
     * @param docker version of the Docker Engine, "26.1.5"; empty also: it is none
     * @param buildKit version of the BuildKit, "v0.13.2"; empty also: it does not state one
     * @param degraded what is lacking in what it makes, one line; empty also: nothing
     */
    public record Engine(String description, String docker, String buildKit, String degraded) {
        /** One that was stored before anything could lack says nothing of it. */
        public Engine {
            degraded = Objects.requireNonNullElse(degraded, "");
        }
    }
}
