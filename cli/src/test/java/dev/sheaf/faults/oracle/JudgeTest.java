package dev.sheaf.faults.oracle;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.faults.oracle.History.Lease;
import dev.sheaf.faults.oracle.History.Story;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildEvent;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.Descriptor;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.SliceStage;
import dev.sheaf.v1.SliceState;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The oracle sees what it is there to see: each broken promise, planted into a history where all was well. */
final class JudgeTest {
    private static final String IMAGE = "registry/app:1";
    private static final Platform AMD64 =
            Platform.newBuilder().setOs("linux").setArchitecture("amd64").build();

    @Test
    void allWell_nothingToSay() {
        assertThat(judge(List.of(succeeded("a", 1)), tag("a", "linux/amd64"))).isEmpty();
    }

    @Test
    void twoTerminalEvents() {
        Story story = succeeded("a", 1);
        List<BuildEvent> events = new ArrayList<>(story.events());
        events.add(end(events.size(), story.build()));
        assertThat(judge(List.of(new Story(story.build(), events)), tag("a", "linux/amd64")))
                .anyMatch(line -> line.contains("2 terminal events"));
    }

    @Test
    void neverEnds() {
        Build build = build("a", 1, BuildState.BUILD_STATE_BUILDING);
        assertThat(judge(List.of(new Story(build, List.of())), Map.of()))
                .anyMatch(line -> line.contains("0 terminal events"))
                .anyMatch(line -> line.contains("has not ended"));
    }

    @Test
    void sliceLeavesItsEnd() {
        Story story = story(
                build("a", 1, BuildState.BUILD_STATE_SUCCEEDED),
                SliceStage.SLICE_STAGE_BUILT,
                SliceStage.SLICE_STAGE_RUNNING);
        assertThat(judge(List.of(story), tag("a", "linux/amd64"))).anyMatch(line -> line.contains("BUILT and became"));
    }

    @Test
    void gapInTheEvents() {
        Story story = succeeded("a", 1);
        assertThat(judge(
                        List.of(new Story(
                                story.build(),
                                story.events().subList(1, story.events().size()))),
                        tag("a", "linux/amd64")))
                .anyMatch(line -> line.contains("gap"));
    }

    @Test
    void tagOfAnOlderBuild() {
        assertThat(judge(List.of(succeeded("new", 2), succeeded("old", 1)), tag("old", "linux/amd64")))
                .anyMatch(line -> line.contains("newest"));
    }

    @Test
    void tagWithoutAPlatform_orWithAnother() {
        assertThat(judge(List.of(succeeded("a", 1)), tag("a"))).anyMatch(line -> line.contains("asked for"));
        assertThat(judge(List.of(succeeded("a", 1)), tag("a", "linux/amd64", "linux/386")))
                .anyMatch(line -> line.contains("asked for"));
    }

    @Test
    void tagMovedByACancelledBuild_orMissing() {
        Story cancelled = story(build("a", 1, BuildState.BUILD_STATE_CANCELLED), SliceStage.SLICE_STAGE_CANCELLED);
        assertThat(judge(List.of(cancelled), tag("a", "linux/amd64"))).anyMatch(line -> line.contains("no build"));
        assertThat(judge(List.of(succeeded("a", 1)), Map.of())).anyMatch(line -> line.contains("not there"));
    }

    @Test
    void childIsGone() {
        History.Tag tag = new History.Tag("index-a", Map.of("linux/amd64", "x"), Map.of("x", false));
        assertThat(judge(List.of(succeeded("a", 1)), Map.of(IMAGE, tag))).anyMatch(line -> line.contains("gone"));
    }

    @Test
    void fencesTwiceOrBackwards() {
        Lease first = new Lease("a", "linux/amd64", 5, 1, true);
        assertThat(Judge.violations(new History(List.of(), Map.of(), List.of(first, first))))
                .anyMatch(line -> line.contains("given twice"));
        Lease lower = new Lease("a", "linux/amd64", 4, 2, true);
        assertThat(Judge.violations(new History(List.of(), Map.of(), List.of(first, lower))))
                .anyMatch(line -> line.contains("came after"));
    }

    private static List<String> judge(List<Story> stories, Map<String, History.Tag> tags) {
        return Judge.violations(new History(stories, tags, List.of()));
    }

    private static Story succeeded(String id, long submitted) {
        return story(build(id, submitted, BuildState.BUILD_STATE_SUCCEEDED), SliceStage.SLICE_STAGE_BUILT);
    }

    private static Story story(Build build, SliceStage... stages) {
        List<BuildEvent> events = new ArrayList<>();
        for (SliceStage stage : stages) {
            events.add(BuildEvent.newBuilder()
                    .setSequence(events.size())
                    .setSlice(SliceState.newBuilder()
                            .setPlatform(AMD64)
                            .setAttempt(1)
                            .setStage(stage))
                    .build());
        }
        events.add(end(events.size(), build));
        return new Story(build, events);
    }

    private static BuildEvent end(long sequence, Build build) {
        return BuildEvent.newBuilder().setSequence(sequence).setBuild(build).build();
    }

    private static Build build(String id, long submitted, BuildState state) {
        return Build.newBuilder()
                .setId(id)
                .setState(state)
                .setSubmitted(com.google.protobuf.Timestamp.newBuilder().setSeconds(submitted))
                .setSpec(BuildSpec.newBuilder().setPush(true).addTags(IMAGE).addPlatforms(AMD64))
                .setIndex(Descriptor.newBuilder().setDigest("index-" + id))
                .addSlices(SliceState.newBuilder().setPlatform(AMD64).setStage(SliceStage.SLICE_STAGE_BUILT))
                .build();
    }

    private static Map<String, History.Tag> tag(String build, String... platforms) {
        Map<String, String> found = new java.util.TreeMap<>();
        for (String platform : platforms) {
            found.put(platform, "sha256:" + platform);
        }
        return Map.of(IMAGE, new History.Tag("index-" + build, found, Map.of()));
    }
}
