package dev.sheaf.coordinator.agents;

import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.host.Host;
import dev.sheaf.image.Platform;
import java.util.List;
import java.util.Optional;

/**
 * What an agent says of itself; it may change while the agent runs.
 *
 * @param offers what it may be given; empty: nothing now
 * @param slots slices it runs at a time
 */
public record AgentDescription(AgentId id, List<Offer> offers, int slots, Particulars particulars) {

    /**
     * A platform that an agent may be given.
     *
     * @param emulated only with an operator's explicit override
     * @param proof how it was proved, one line
     */
    public record Offer(Platform platform, boolean emulated, String proof) {}

    /**
     * For people: lines that decide nothing.
     *
     * @param version of the agent program
     * @param unavailable why it offers nothing now; empty: it offers platforms
     */
    public record Particulars(Host host, String version, String unavailable) {
        /** Nothing known. */
        public static final Particulars UNKNOWN = new Particulars(Host.UNKNOWN, "", "");
    }

    public AgentDescription {
        offers = List.copyOf(offers);
        if (slots < 1) {
            throw new IllegalArgumentException("agent " + id + " needs at least 1 slot, found " + slots);
        }
    }

    /** The offer for a platform, if there is one. */
    public Optional<Offer> offer(Platform platform) {
        return offers.stream()
                .filter(offer -> offer.platform().equals(platform))
                .findFirst();
    }
}
