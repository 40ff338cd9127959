package dev.sheaf.agent.offer;

import dev.sheaf.agent.host.HostProof;
import dev.sheaf.agent.host.ProvedPlatform;
import dev.sheaf.image.Platform;
import java.util.List;
import java.util.stream.Collectors;

/**
 * What the operator says about this agent.
 *
 * @param name unique in the farm
 * @param slots slices at a time, at least 1
 * @param only the platforms to offer. Empty: all that are proved
 * @param emulated platforms to offer although only an emulator runs them; everything shows that they are emulated
 * @param version of the agent program
 */
public record Terms(String name, int slots, List<Platform> only, List<Platform> emulated, String version) {

    public Terms {
        only = List.copyOf(only);
        emulated = List.copyOf(emulated);
        if (name.isBlank() || name.length() > 128 || name.chars().anyMatch(c -> c <= ' ' || c == 127)) {
            throw new IllegalArgumentException("the agent name \"" + name.strip()
                    + "\" is not usable: choose 1 to 128 characters without spaces with --name");
        }
        if (slots < 1 || slots > 1_000) {
            throw new IllegalArgumentException("--slots " + slots + " is not between 1 and 1000");
        }
    }

    /** Refuses a wish for platforms that this machine does not prove; throws IllegalArgumentException for people. */
    public void requireProved(HostProof proof) {
        for (Platform wanted : only) {
            if (!proof.proves(wanted)) {
                String proved = proof.platforms().stream()
                        .map(ProvedPlatform::platform)
                        .map(Platform::toString)
                        .collect(Collectors.joining(", "));
                throw new IllegalArgumentException("--platform " + wanted + " is refused: this machine proves "
                        + (proved.isEmpty() ? "nothing" : proved)
                        + "; to run " + wanted + " under emulation, visibly, say --allow-emulation " + wanted);
            }
        }
    }
}
