package dev.sheaf.image.arch;

import static dev.sheaf.image.arch.ImageCase.elf;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.image.arch.Finding.Severity;
import dev.sheaf.image.arch.Policy.Exemption;
import dev.sheaf.image.arch.Policy.Mode;
import dev.sheaf.testregistry.LayerBytes;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What only shows when the platforms of an index are held against each other. */
final class PlatformRulesTest {
    private static final String ARM64 = "linux/arm64";
    private static final String AMD64 = "linux/amd64";

    private static List<Finding> judge(LayerBytes shared, String... platforms) {
        return PlatformRules.judge(images(shared, platforms), Policy.STRICT);
    }

    private static List<Image> images(LayerBytes shared, String... platforms) {
        return List.of(platforms).stream()
                .map(platform -> new ImageCase(platform)
                        .layer("COPY tool /app/tool", shared)
                        .image())
                .toList();
    }

    @Test
    void judge_sharedLayerWithAProgram_isAnErrorOnce() {
        LayerBytes layer = new LayerBytes().program("app/tool", elf(AMD64)).program("app/other", elf(AMD64));
        assertThat(judge(layer, AMD64, ARM64, "linux/s390x"))
                .extracting(Finding::sentence)
                .containsExactly(
                        "/app/tool is an x86-64 program, and its layer is the same in the images for linux/amd64"
                                + " and linux/arm64 (layer 1, COPY tool /app/tool): build or fetch it for each platform; the"
                                + " same file cannot run on both");
    }

    @Test
    void judge_sharedLayerThatIsRightOnBoth_isFine() {
        assertThat(judge(new LayerBytes().script("app/run", "#!/bin/sh\n").text("app/x.py", ""), AMD64, ARM64))
                .isEmpty();
        assertThat(judge(new LayerBytes().program("app/tool", elf(AMD64)), AMD64, "linux/amd64/v3"))
                .isEmpty();
        assertThat(judge(new LayerBytes().program("app/tool", elf(ARM64)), AMD64, "linux/amd64/v3"))
                .as("wrong on each, which each says, but nothing that sharing made")
                .isEmpty();
        LayerBytes prebuilt = new LayerBytes()
                .library("app/prebuilds/linux-x64/a.node", elf(AMD64))
                .library("app/prebuilds/linux-arm64/a.node", elf(ARM64));
        assertThat(judge(prebuilt, AMD64, ARM64)).isEmpty();
    }

    @Test
    void judge_sharedLayerThatIsExcepted_isFine() {
        LayerBytes layer = new LayerBytes().program("app/tool", elf(AMD64));
        Policy policy =
                new Policy(Mode.STRICT, List.of(new Exemption("/app/*", Optional.empty(), "copied on to the hosts")));
        assertThat(PlatformRules.judge(images(layer, AMD64, ARM64), policy)).isEmpty();
        assertThat(PlatformRules.judge(images(layer, AMD64, ARM64), new Policy(Mode.OFF, List.of())))
                .isEmpty();
    }

    @Test
    void judge_sizes_areNotedFromAFactorOfThree() {
        assertThat(sizes(765_000_000, 4_454_000_000L))
                .extracting(Finding::severity, Finding::sentence)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(
                        Severity.NOTE,
                        "the image for linux/arm64 has 4454 MB, and the one for linux/amd64 has 765 MB: see whether one"
                                + " of them lacks something, or has too much"));
        assertThat(sizes(300_000_000, 800_000_000)).isEmpty();
        assertThat(sizes(1_000_000, 10_000_000)).isEmpty();
    }

    private static List<Finding> sizes(long amd64, long arm64) {
        return PlatformRules.judge(
                List.of(
                        new ImageCase(AMD64).size(amd64).image(),
                        new ImageCase(ARM64).size(arm64).image()),
                Policy.STRICT);
    }
}
