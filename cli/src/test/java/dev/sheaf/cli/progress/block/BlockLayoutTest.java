package dev.sheaf.cli.progress.block;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.cli.progress.block.Lane.Mood;
import dev.sheaf.cli.progress.block.Lane.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class BlockLayoutTest {
    private static Lane lane(String platform, int rows) {
        return new Lane(
                new Row(Mood.ACTIVE, platform + "  building", "9.9s"),
                IntStream.range(0, rows)
                        .mapToObj(i -> new Row(Mood.PLAIN, "  step " + i, ""))
                        .toList());
    }

    private static List<Lane> lanes(int count, int rows) {
        List<Lane> lanes = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            lanes.add(lane("linux/p" + i, rows));
        }
        return lanes;
    }

    @Test
    void wideTerminal_putsLanesSideBySide() {
        List<String> lines = BlockLayout.lines(List.of(lane("linux/amd64", 2), lane("linux/arm64", 1)), 100, 30, false);

        assertThat(lines)
                .containsExactly(
                        "linux/amd64  building                       9.9s │ linux/arm64  building                       9.9s",
                        "  step 0                                         │   step 0",
                        "  step 1                                         │");
    }

    @Test
    void narrowTerminal_putsLanesOneUnderAnother() {
        List<String> lines = BlockLayout.lines(List.of(lane("linux/amd64", 1), lane("linux/arm64", 1)), 40, 30, false);

        assertThat(lines)
                .containsExactly(
                        "linux/amd64  building              9.9s", "  step 0",
                        "linux/arm64  building              9.9s", "  step 0");
    }

    @ParameterizedTest
    @CsvSource({"1, 80, 24", "2, 80, 24", "2, 120, 10", "3, 120, 40", "4, 100, 12", "7, 60, 5", "2, 10, 2", "3, 1, 1"})
    void anyTerminal_holdsTheBlockAndTheCursorBelowIt(int count, int columns, int rows) {
        List<String> lines = BlockLayout.lines(lanes(count, 9), columns, rows, false);

        assertThat(lines).isNotEmpty().hasSizeLessThanOrEqualTo(Math.max(1, rows - 1));
        assertThat(lines).allSatisfy(line -> assertThat(Cells.width(line)).isLessThan(Math.max(columns, 2)));
    }

    @Test
    void lowTerminal_showsEveryHeadAndTheLastRows() {
        List<String> lines = BlockLayout.lines(lanes(2, 9), 60, 7, false);

        assertThat(lines).hasSize(6);
        assertThat(lines.get(0)).startsWith("linux/p0");
        assertThat(lines.get(2)).isEqualTo("  step 8");
        assertThat(lines.get(3)).startsWith("linux/p1");
    }

    @Test
    void wideCharacters_keepTheSecondLaneInItsColumn() {
        Lane chinese = new Lane(new Row(Mood.PLAIN, "构建".repeat(40), "1.0s"), List.of());

        String line = BlockLayout.lines(List.of(chinese, lane("linux/arm64", 0)), 100, 30, false)
                .getFirst();

        assertThat(Cells.width(line.substring(0, line.indexOf('│')))).isEqualTo(49);
        assertThat(line).contains("… ", " 1.0s │ linux/arm64");
    }

    @Test
    void colour_onlyWhereWanted() {
        assertThat(BlockLayout.lines(lanes(1, 1), 80, 24, true).getFirst())
                .startsWith("\u001b[36m")
                .endsWith("\u001b[0m");
        assertThat(BlockLayout.lines(lanes(1, 1), 80, 24, false)).noneMatch(line -> line.contains("\u001b"));
    }

    @Test
    void block_isReplacedWhereItWas() {
        LiveBlock block = new LiveBlock();
        block.replace(List.of("one", "two"), 80);

        assertThat(block.replace(List.of("three"), 80)).contains("\u001b[2A\r").contains("three\u001b[K\r\n\u001b[J");
        assertThat(block.above("a note", 80))
                .contains("\u001b[1A\r\u001b[Ja note\r\n")
                .contains("three");
    }

    @Test
    void block_inAWindowThatGotNarrower_isFoundAlthoughItsLinesWrapped() {
        LiveBlock block = new LiveBlock();
        block.replace(List.of("\u001b[36m" + "x".repeat(79) + "\u001b[0m", "short"), 80);

        assertThat(block.replace(List.of("y"), 40)).contains("\u001b[3A\r");
    }
}
