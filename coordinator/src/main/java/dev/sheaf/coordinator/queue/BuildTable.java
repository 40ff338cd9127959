package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.SliceId;
import dev.sheaf.coordinator.queue.api.Forecast;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.queue.api.RefusedException;
import dev.sheaf.coordinator.queue.api.RefusedException.Reason;
import dev.sheaf.coordinator.store.Stored;
import dev.sheaf.image.Platform;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.SequencedCollection;
import java.util.SequencedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The builds that are open, some that have ended, and the slices that wait. */
final class BuildTable {
    /** Slices whose time says how long the next one takes. */
    private static final int MOST_REMEMBERED = 20;

    /** People do not care how many more. */
    static final int MOST_COUNTED = 1000;

    private final Limits limits;
    private final SequencedMap<BuildId, BuildRecord> byId = new LinkedHashMap<>();
    private final Map<Key, BuildRecord> byKey = new HashMap<>();
    private final Deque<BuildRecord> ended = new ArrayDeque<>();
    /** Slices that are queued, by platform and place. */
    private final Map<Platform, TreeMap<Long, SliceRecord>> waiting = new TreeMap<>();

    /** Those that were queued since somebody asked. */
    private List<SliceRecord> arrived = new ArrayList<>();

    private int openBuilds;
    private int openSlices;
    private long lastOrder;
    private long sliceOrders;

    /** Teams draw their keys for themselves: one that guesses another's is told nothing. */
    private record Key(String team, String key) {
        static Key of(BuildRequest request) {
            return new Key(request.team(), request.idempotencyKey());
        }
    }

    BuildTable(Limits limits) {
        this.limits = limits;
    }

    /** The build that a repeated request means; empty: the request is new. */
    Optional<BuildRecord> known(BuildRequest request) throws RefusedException {
        BuildRecord known = byKey.get(Key.of(request));
        if (known != null && !known.request.equals(request)) {
            throw new RefusedException(
                    Reason.KEY_REUSED,
                    "the idempotency key belongs to build " + known.id + " of something else: draw a new one");
        }
        return Optional.ofNullable(known);
    }

    BuildRecord accept(Instant now, BuildId id, BuildRequest request) throws RefusedException {
        int slices = request.platforms().size();
        if (openBuilds >= limits.openBuilds()) {
            throw new RefusedException(
                    Reason.LIMIT_REACHED,
                    "the farm has " + openBuilds + " open builds, the most that --max-builds allows; try later");
        }
        if (openSlices + slices > limits.openSlices()) {
            throw new RefusedException(
                    Reason.LIMIT_REACHED,
                    "the farm has " + openSlices + " open slices, this build has " + slices
                            + ", and --max-slices allows " + limits.openSlices() + "; try later");
        }
        BuildRecord build = new BuildRecord(id, ++lastOrder, request, now, () -> ++sliceOrders);
        if (byId.putIfAbsent(id, build) != null) {
            throw new IllegalStateException("build id " + id + " is drawn twice");
        }
        byKey.put(Key.of(request), build);
        openBuilds++;
        openSlices += slices;
        build.slices.forEach(this::enqueue);
        return build;
    }

    BuildRecord restore(Stored.Build stored) {
        BuildRecord build = new BuildRecord(stored, () -> ++sliceOrders);
        byId.put(build.id, build);
        byKey.put(Key.of(build.request), build);
        if (stored.end().isPresent()) {
            ended.addLast(build);
        } else {
            openBuilds++;
            openSlices += build.slices.size();
        }
        return build;
    }

    /** New builds come after this order. */
    void ordersFrom(long highest) {
        lastOrder = highest;
    }

    void enqueue(SliceRecord slice) {
        waiting.computeIfAbsent(slice.platform(), _ -> new TreeMap<>()).put(slice.order, slice);
        arrived.add(slice);
    }

    void dequeue(SliceRecord slice) {
        TreeMap<Long, SliceRecord> line = waiting.get(slice.platform());
        if (line != null && line.remove(slice.order) != null && line.isEmpty()) {
            waiting.remove(slice.platform());
        }
        slice.unofferedSince = null;
    }

    /** The platforms that slices wait for. A copy: the queue may change while it is walked. */
    List<Platform> wanted() {
        return List.copyOf(waiting.keySet());
    }

    /** The slices that wait for a platform, first come first. */
    NavigableMap<Long, SliceRecord> waiting(Platform platform) {
        return waiting.getOrDefault(platform, new TreeMap<>());
    }

    /** The slices that were queued since the last call, and may have been taken since. */
    List<SliceRecord> takeArrived() {
        List<SliceRecord> taken = arrived;
        arrived = taken.isEmpty() ? taken : new ArrayList<>();
        return taken;
    }

    /** How many slices of the same platform are ahead; counted up to {@link #MOST_COUNTED}. */
    long ahead(SliceRecord slice) {
        return waiting(slice.platform()).headMap(slice.order).values().stream()
                .limit(MOST_COUNTED)
                .count();
    }

    /** How long the last slices of this one's platform and team took: those of its context, or else those of any. */
    Forecast.History history(SliceRecord wanted) {
        String context = wanted.build.request.options().contextKey();
        List<Duration> any = new ArrayList<>();
        List<Duration> same = new ArrayList<>();
        for (Iterator<BuildRecord> newest = ended.descendingIterator();
                newest.hasNext() && same.size() < MOST_REMEMBERED; ) {
            BuildRecord build = newest.next();
            if (!build.request.team().equals(wanted.build.request.team())) {
                continue;
            }
            boolean isSame =
                    !context.isEmpty() && build.request.options().contextKey().equals(context);
            build.slices.stream()
                    .filter(slice -> slice.platform().equals(wanted.platform()))
                    .flatMap(slice -> slice.buildTime().stream())
                    .forEach(time -> {
                        if (isSame) {
                            same.add(time);
                        }
                        if (any.size() < MOST_REMEMBERED) {
                            any.add(time);
                        }
                    });
        }
        return same.isEmpty()
                ? new Forecast.History(median(any), any.size(), false)
                : new Forecast.History(median(same), same.size(), true);
    }

    private static Optional<Duration> median(List<Duration> times) {
        List<Duration> sorted = times.stream().sorted().toList();
        return sorted.isEmpty() ? Optional.empty() : Optional.of(sorted.get(sorted.size() / 2));
    }

    /** Notes the end of a build; returns the builds that are forgotten for it. */
    List<BuildRecord> ended(BuildRecord build) {
        openBuilds--;
        openSlices -= build.slices.size();
        ended.addLast(build);
        List<BuildRecord> forgotten = new ArrayList<>();
        while (ended.size() > limits.endedBuilds()) {
            BuildRecord oldest = ended.removeFirst();
            byId.remove(oldest.id);
            byKey.remove(Key.of(oldest.request));
            forgotten.add(oldest);
        }
        return forgotten;
    }

    @Nullable BuildRecord find(BuildId id) {
        return byId.get(id);
    }

    Optional<SliceRecord> find(SliceId id) {
        return Optional.ofNullable(byId.get(id.build()))
                .flatMap(build -> build.slices.stream()
                        .filter(slice -> slice.id.equals(id))
                        .findFirst());
    }

    /** All of them, oldest first. */
    SequencedCollection<BuildRecord> all() {
        return byId.sequencedValues();
    }
}
