package dev.sheaf.coordinator.leader;

import java.util.Optional;

/** What a candidate hears when it asks to lead. */
public sealed interface Claim {
    /** It leads, in this epoch: one more than that of the leader before. */
    record Taken(long epoch) implements Claim {}

    /**
     * Somebody else leads.
     *
     * @param leader empty: the lease ended between two looks
     */
    record Refused(Optional<Leader> leader) implements Claim {}

    /** Who leads. */
    record Leader(long epoch, String id, String address) {}
}
