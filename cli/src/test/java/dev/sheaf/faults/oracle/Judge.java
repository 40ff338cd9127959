package dev.sheaf.faults.oracle;

import dev.sheaf.faults.oracle.History.Lease;
import dev.sheaf.faults.oracle.History.Story;
import dev.sheaf.faults.oracle.History.Tag;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.SliceStage;
import dev.sheaf.v1.SliceState;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/** Holds a history against what Sheaf promises. Pure. */
public final class Judge {
    private static final int ATTEMPTS = 3;
    private static final Set<BuildState> BUILD_ENDS = EnumSet.of(
            BuildState.BUILD_STATE_SUCCEEDED, BuildState.BUILD_STATE_FAILED, BuildState.BUILD_STATE_CANCELLED);
    private static final Set<SliceStage> SLICE_ENDS =
            EnumSet.of(SliceStage.SLICE_STAGE_BUILT, SliceStage.SLICE_STAGE_FAILED, SliceStage.SLICE_STAGE_CANCELLED);

    private final List<String> violations = new ArrayList<>();

    private Judge() {}

    /** One line for each promise that was broken; empty: all were kept. */
    public static List<String> violations(History history) {
        Judge judge = new Judge();
        history.builds().forEach(judge::story);
        judge.fences(history.leases());
        judge.tags(history);
        return judge.violations;
    }

    private void story(Story story) {
        Build build = story.build();
        List<BuildEvent> ends = story.events().stream()
                .filter(event ->
                        event.hasBuild() && BUILD_ENDS.contains(event.getBuild().getState()))
                .toList();
        refuse(ends.size() != 1, build, "has " + ends.size() + " terminal events, and one is promised");
        refuse(!BUILD_ENDS.contains(build.getState()), build, "has not ended: " + build.getState());
        if (ends.size() == 1) {
            refuse(
                    ends.getFirst().getBuild().getState() != build.getState(),
                    build,
                    "ended as " + ends.getFirst().getBuild().getState() + " and is now " + build.getState());
            refuse(!ends.getFirst().equals(story.events().getLast()), build, "has events after its end");
        }
        for (int i = 0; i < story.events().size(); i++) {
            if (story.events().get(i).getSequence() != i) {
                refuse(true, build, "has a gap in its events at " + i);
                break;
            }
        }
        slices(build, story.events());
    }

    private void slices(Build build, List<BuildEvent> events) {
        Map<String, SliceState> last = new HashMap<>();
        for (BuildEvent event : events) {
            if (!event.hasSlice()) {
                continue;
            }
            SliceState slice = event.getSlice();
            String platform = text(slice.getPlatform());
            SliceState before = last.put(platform, slice);
            refuse(slice.getAttempt() > ATTEMPTS, build, platform + " is in attempt " + slice.getAttempt());
            if (before != null) {
                refuse(
                        slice.getAttempt() < before.getAttempt(),
                        build,
                        platform + " went back from attempt " + before.getAttempt() + " to " + slice.getAttempt());
                refuse(
                        SLICE_ENDS.contains(before.getStage()) && slice.getStage() != before.getStage(),
                        build,
                        platform + " was " + before.getStage() + " and became " + slice.getStage());
            }
        }
        if (build.getState() == BuildState.BUILD_STATE_SUCCEEDED) {
            build.getSlicesList()
                    .forEach(slice -> refuse(
                            slice.getStage() != SliceStage.SLICE_STAGE_BUILT,
                            build,
                            "succeeded and " + text(slice.getPlatform()) + " is " + slice.getStage()));
        }
    }

    private void fences(List<Lease> leases) {
        Set<Long> seen = new TreeSet<>();
        Map<String, Lease> last = new HashMap<>();
        Map<String, Integer> settledOf = new HashMap<>();
        for (Lease lease : leases) {
            if (!seen.add(lease.fence())) {
                violations.add("fence " + lease.fence() + " was given twice");
            }
            String slice = lease.build() + " " + lease.platform();
            Lease before = last.put(slice, lease);
            if (before != null && (lease.fence() <= before.fence() || lease.attempt() <= before.attempt())) {
                violations.add(slice + ": lease " + lease + " came after " + before);
            }
            if (lease.isSettled()) {
                settledOf.merge(slice, 1, Integer::sum);
            }
        }
    }

    private void tags(History history) {
        Map<String, Build> newest = new TreeMap<>();
        history.builds().stream()
                .map(Story::build)
                .filter(build -> build.getState() == BuildState.BUILD_STATE_SUCCEEDED
                        && build.getSpec().getPush())
                .sorted(Comparator.comparing(Judge::submitted))
                .forEach(build -> build.getSpec().getTagsList().forEach(tag -> newest.put(tag, build)));
        newest.forEach((tag, build) -> tag(tag, build, history.indexes().get(tag)));
        history.indexes().forEach((name, tag) -> {
            if (!newest.containsKey(name)) {
                violations.add(name + " names " + tag.digest() + ", and no build that pushed it succeeded");
            }
        });
    }

    private static Instant submitted(Build build) {
        return Instant.ofEpochSecond(
                build.getSubmitted().getSeconds(), build.getSubmitted().getNanos());
    }

    private void tag(String name, Build build, @org.jspecify.annotations.Nullable Tag tag) {
        if (tag == null) {
            refuse(true, build, "succeeded and its tag " + name + " is not there");
            return;
        }
        refuse(
                !tag.digest().equals(build.getIndex().getDigest()),
                build,
                "is the newest of " + name + ", which names " + tag.digest() + " and not "
                        + build.getIndex().getDigest());
        Set<String> requested = new TreeSet<>();
        build.getSpec().getPlatformsList().forEach(platform -> requested.add(text(platform)));
        refuse(
                !requested.equals(tag.platforms().keySet()),
                build,
                "asked for " + requested + ", and " + name + " has "
                        + tag.platforms().keySet());
        tag.children()
                .forEach((digest, isThere) -> refuse(!isThere, build, name + " names " + digest + ", which is gone"));
    }

    private void refuse(boolean broken, Build build, String what) {
        if (broken) {
            violations.add("build " + build.getId() + " " + what);
        }
    }

    static String text(Platform platform) {
        String base = platform.getOs() + "/" + platform.getArchitecture();
        return platform.getVariant().isEmpty() ? base : base + "/" + platform.getVariant();
    }
}
