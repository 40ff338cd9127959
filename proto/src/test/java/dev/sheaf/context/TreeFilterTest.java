package dev.sheaf.context;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.v1.FileEntry;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TreeFilterTest {
    private static final List<FileEntry> TREE = tree(
            "bin/",
            "bin/tool -> ../src/a.c",
            "docs/",
            "docs/x.md",
            "link -> src/sub",
            "loop -> loop",
            "src/",
            "src/a.c",
            "src/a.h",
            "src/sub/",
            "src/sub/deep.c",
            "src-old");

    private static List<FileEntry> tree(String... lines) {
        List<FileEntry> entries = new ArrayList<>();
        for (String line : lines) {
            FileEntry.Builder entry = FileEntry.newBuilder();
            int arrow = line.indexOf(" -> ");
            if (arrow > 0) {
                entry.setPath(line.substring(0, arrow)).setLinkTarget(line.substring(arrow + 4));
            } else if (line.endsWith("/")) {
                entry.setPath(line.substring(0, line.length() - 1)).setMode(0x8000_0000);
            } else {
                entry.setPath(line);
            }
            entries.add(entry.build());
        }
        return entries;
    }

    private static List<String> select(List<String> include, List<String> exclude, List<String> follow) {
        return TreeFilter.select(TREE, include, exclude, follow).stream()
                .map(FileEntry::getPath)
                .toList();
    }

    @Test
    void order_slash_sortsLowest() {
        List<String> paths = new ArrayList<>(List.of("a-b", "a/b", "a", "a/b/c", "a.c", "\uD83D\uDE00", "\uFFFC"));
        paths.sort(ContextPaths.ORDER);
        assertThat(paths).containsExactly("a", "a/b", "a/b/c", "a-b", "a.c", "\uFFFC", "\uD83D\uDE00");
    }

    @Test
    void select_noPatterns_keepsAll() {
        assertThat(TreeFilter.select(TREE, List.of(), List.of(), List.of())).isEqualTo(TREE);
        assertThat(TreeFilter.select(TREE, List.of(), List.of(), List.of("."))).isEqualTo(TREE);
    }

    @Test
    void select_followPath_keepsItsDirectories() {
        assertThat(select(List.of(), List.of(), List.of("src/a.c"))).containsExactly("src", "src/a.c");
        assertThat(select(List.of(), List.of(), List.of("/src/*.h"))).containsExactly("src", "src/a.h");
    }

    @Test
    void select_followLink_keepsLinkAndTarget() {
        assertThat(select(List.of(), List.of(), List.of("bin/tool")))
                .containsExactly("bin", "bin/tool", "src", "src/a.c");
        assertThat(select(List.of(), List.of(), List.of("link/deep.c")))
                .containsExactly("link", "src", "src/sub", "src/sub/deep.c");
        assertThat(select(List.of(), List.of(), List.of("loop/x"))).containsExactly("loop");
    }

    @Test
    void select_exclude_winsOverInclude() {
        assertThat(select(List.of(), List.of("src", "!src/sub"), List.of("src")))
                .containsExactly("src", "src/sub", "src/sub/deep.c");
        assertThat(select(List.of("src"), List.of("**/*.c"), List.of())).containsExactly("src", "src/a.h", "src/sub");
    }

    @Test
    void select_absentPath_selectsNothing() {
        assertThat(select(List.of(), List.of(), List.of("no/such"))).isEmpty();
    }

    @Test
    void hardLinks_firstSelectedNameHasTheContent() {
        FileEntry first =
                FileEntry.newBuilder().setPath("a").setSize(3).setDigest("d").build();
        FileEntry second = first.toBuilder().setPath("b").setHardLink("a").build();
        FileEntry third = first.toBuilder().setPath("c").setHardLink("a").build();
        FileEntry replaced = third.toBuilder().setPath("e").setDigest("other").build();

        assertThat(HardLinks.within(List.of(first, second))).containsExactly(first, link(second, "a"));
        assertThat(HardLinks.within(List.of(second, third))).containsExactly(second, link(third, "b"));
        assertThat(HardLinks.within(List.of(first, replaced))).containsExactly(first, replaced);
    }

    private static FileEntry link(FileEntry entry, String target) {
        return entry.toBuilder().setLinkTarget(target).setSize(0).clearDigest().build();
    }
}
