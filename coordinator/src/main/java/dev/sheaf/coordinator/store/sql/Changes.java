package dev.sheaf.coordinator.store.sql;

import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.image.Platform;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What decisions change in the tables. Pure. */
final class Changes {
    private Changes() {}

    static List<Change> of(List<Decision> decisions) {
        List<Change> changes = new ArrayList<>(decisions.size());
        for (Decision decision : decisions) {
            add(changes, decision);
        }
        return changes;
    }

    private static void add(List<Change> changes, Decision decision) {
        switch (decision) {
            case Decision.Accepted accepted -> accept(changes, accepted);
            case Decision.Leased leased -> changes.add(lease(leased));
            case Decision.SliceMoved moved ->
                changes.add(change(
                        Sql.MOVE_SLICE,
                        moved,
                        StoredJson.write(moved.state()),
                        moved.state().stage().isTerminal()
                                ? Optional.of(moved.at().toString())
                                : Optional.empty(),
                        moved.takenFrom().map(StoredJson::write),
                        moved.build().value(),
                        moved.slice().platform().toString()));
            case Decision.TagsMove move ->
                changes.add(change(
                        Sql.MOVE_TAGS, move, move.index().value(), move.build().value()));
            case Decision.Rebuilt rebuilt ->
                changes.add(change(Sql.SPEND_REBUILD, rebuilt, rebuilt.build().value()));
            case Decision.TagMoved moved ->
                changes.add(new Change(
                        Sql.MOVE_TAG,
                        List.of(
                                moved.tag().toString(),
                                StoredJson.write(moved.tag()),
                                moved.index().value(),
                                moved.at().toString(),
                                moved.build().value()),
                        moved.build(),
                        Optional.of(moved.tag())));
            case Decision.Ended ended ->
                changes.add(change(
                        Sql.END_BUILD,
                        ended,
                        ended.state().name(),
                        StoredJson.write(ended.result()),
                        ended.build().value()));
            case Decision.Forgotten forgotten ->
                changes.add(
                        change(Sql.FORGET_BUILD, forgotten, forgotten.build().value()));
        }
    }

    private static Change lease(Decision.Leased leased) {
        return change(
                Sql.LEASE_SLICE,
                leased,
                StoredJson.write(new SliceState.Leased(
                        leased.holder().agent(), leased.lease().fence())),
                leased.attempt(),
                StoredJson.write(leased.holder()),
                leased.at().toString(),
                leased.build().value(),
                leased.lease().slice().platform().toString());
    }

    private static void accept(List<Change> changes, Decision.Accepted accepted) {
        changes.add(change(
                Sql.ADD_BUILD,
                accepted,
                accepted.build().value(),
                accepted.order(),
                StoredJson.write(accepted.request()),
                accepted.hasAttachments(),
                accepted.at().toString()));
        String queued = StoredJson.write(new SliceState.Queued());
        int position = 0;
        for (Platform platform : accepted.request().platforms()) {
            changes.add(
                    change(Sql.ADD_SLICE, accepted, accepted.build().value(), platform.toString(), position++, queued));
        }
    }

    private static Change change(Sql sql, Decision decision, Object... parameters) {
        return new Change(sql, List.of(parameters), decision.build(), Optional.empty());
    }

    /**
     * The same changes in as few groups of one statement as can be, to be executed one after the other: each group is
     * one message to the database. Changes of one build or one tag keep their order; others do not see each other.
     */
    static List<List<Change>> grouped(List<Change> changes) {
        List<List<Change>> groups = new ArrayList<>();
        Map<Object, Integer> lastOf = new HashMap<>();
        for (Change change : changes) {
            int earliest = lastOf.getOrDefault(change.build(), 0);
            if (change.tag().isPresent()) {
                earliest = Math.max(earliest, lastOf.getOrDefault(change.tag().get(), 0));
            }
            int place = earliest;
            while (place < groups.size() && groups.get(place).getFirst().sql() != change.sql()) {
                place++;
            }
            if (place == groups.size()) {
                groups.add(new ArrayList<>());
            }
            groups.get(place).add(change);
            lastOf.put(change.build(), place);
            if (change.tag().isPresent()) {
                lastOf.put(change.tag().get(), place);
            }
        }
        return groups;
    }
}
