package dev.sheaf.coordinator.agents;

import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.host.Host;
import dev.sheaf.image.Platform;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

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
     * @param address where its call came from; empty: not known
     * @param withheld platforms that it proves and may not offer; empty: none
     */
    public record Particulars(Host host, String version, String unavailable, String address, String withheld) {
        /** Nothing known. */
        public static final Particulars UNKNOWN = new Particulars(Host.UNKNOWN, "", "", "", "");

        /** As the agent says them. */
        public Particulars(Host host, String version, String unavailable) {
            this(host, version, unavailable, "", "");
        }

        private Particulars limited(String reason, String left) {
            return new Particulars(host, version, reason, address, left);
        }
    }

    public AgentDescription {
        offers = List.copyOf(offers);
        if (slots < 1) {
            throw new IllegalArgumentException("agent " + id + " needs at least 1 slot, found " + slots);
        }
    }

    /** The same without platforms that are not among these. */
    public AgentDescription limitedTo(List<Platform> permitted) {
        List<Offer> kept = offers.stream()
                .filter(offer -> permitted.contains(offer.platform()))
                .toList();
        if (kept.size() == offers.size()) {
            return this;
        }
        String left = words(offers.stream()
                .map(Offer::platform)
                .filter(platform -> !permitted.contains(platform))
                .toList());
        String reason = kept.isEmpty() ? "it may offer " + words(permitted) + " only" : particulars.unavailable();
        return new AgentDescription(id, kept, slots, particulars.limited(reason, left));
    }

    private static String words(List<Platform> platforms) {
        return platforms.stream().map(Platform::toString).collect(Collectors.joining(", "));
    }

    /** The offer for a platform, if there is one. */
    public Optional<Offer> offer(Platform platform) {
        return offers.stream()
                .filter(offer -> offer.platform().equals(platform))
                .findFirst();
    }
}
