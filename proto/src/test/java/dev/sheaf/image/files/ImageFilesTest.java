package dev.sheaf.image.files;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.image.files.ImageFiles.Found;
import dev.sheaf.image.files.ImageFiles.Node;
import dev.sheaf.testregistry.ElfBytes;
import dev.sheaf.testregistry.LayerBytes;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** Layers over each other, and links through them. */
final class ImageFilesTest {
    private static ImageFiles files(LayerBytes... layers) {
        return new ImageFiles(Arrays.stream(layers).map(LayerBytes::facts).toList());
    }

    private static int layer(Node node) {
        return node instanceof Node.File(var _, int layer) ? layer : -1;
    }

    @Test
    void at_fileOfSeveralLayers_isTheHighest() {
        ImageFiles files = files(
                new LayerBytes().program("bin/a", ElfBytes.amd64()).program("bin/b", ElfBytes.amd64()),
                new LayerBytes().program("bin/a", ElfBytes.arm64()),
                new LayerBytes().text("etc/x", ""));
        assertThat(layer(files.at("/bin/a"))).isEqualTo(1);
        assertThat(layer(files.at("/bin/b"))).isZero();
        assertThat(files.at("/bin")).isInstanceOf(Node.Directory.class);
        assertThat(files.at("/")).isInstanceOf(Node.Directory.class);
        assertThat(files.at("/nothing")).isInstanceOf(Node.Missing.class);
    }

    @Test
    void at_whatHigherLayersDelete_isMissing() {
        LayerBytes low = new LayerBytes()
                .program("a/x", ElfBytes.amd64())
                .program("b/x", ElfBytes.amd64())
                .program("c/d/x", ElfBytes.amd64())
                .program("e/x", ElfBytes.amd64())
                .program("f", ElfBytes.amd64())
                .program("g/x", ElfBytes.amd64());
        ImageFiles files = files(
                low,
                new LayerBytes()
                        .whiteout("a", "x")
                        .whiteout("", "b")
                        .opaque("c")
                        .text("e", "a file where a directory was")
                        .directory("f")
                        .script("g", "#!/bin/sh\n"),
                new LayerBytes().program("a/y", ElfBytes.amd64()));
        for (String path : new String[] {"/a/x", "/b/x", "/b", "/c/d/x", "/e/x", "/g/x"}) {
            assertThat(files.at(path)).as(path).isInstanceOf(Node.Missing.class);
        }
        assertThat(files.at("/f")).isInstanceOf(Node.Directory.class);
        assertThat(files.at("/c")).isInstanceOf(Node.Directory.class);
        assertThat(files.at("/e")).isInstanceOf(Node.Plain.class);
        assertThat(layer(files.at("/a/y"))).isEqualTo(2);
    }

    @Test
    void at_whiteoutOfTheSameLayer_doesNotHideItsOwnFiles() {
        ImageFiles files = files(
                new LayerBytes().program("d/old", ElfBytes.amd64()),
                new LayerBytes().opaque("d").program("d/new", ElfBytes.amd64()));
        assertThat(files.at("/d/old")).isInstanceOf(Node.Missing.class);
        assertThat(layer(files.at("/d/new"))).isEqualTo(1);
    }

    @Test
    void follow_links_leadThroughDirectories() {
        ImageFiles files = files(
                new LayerBytes()
                        .symlink("bin", "usr/bin")
                        .symlink("usr/bin/sh", "../../opt/./shells//dash")
                        .symlink("opt/shells", "/opt/v2/")
                        .program("opt/v2/dash", ElfBytes.amd64())
                        .symlink("up", "../../../usr/bin")
                        .symlink("loop", "pool")
                        .symlink("pool", "loop")
                        .text("file", ""),
                new LayerBytes().symlink("etc/alternatives/sh", "/bin/sh"));
        assertThat(files.follow("/bin/sh").path()).isEqualTo("/opt/v2/dash");
        assertThat(layer(files.follow("/etc/alternatives/sh").node())).isZero();
        assertThat(layer(files.follow("/up/sh").node())).isZero();
        assertThat(layer(files.follow("/usr/../bin/../bin/sh").node())).isZero();
        assertThat(files.follow("/loop/x").node()).isInstanceOf(Node.Loop.class);
        assertThat(files.follow("/file/x")).isEqualTo(new Found("/file/x", new Node.Missing()));
        assertThat(files.follow("/file").node()).isInstanceOf(Node.Plain.class);
        assertThat(files.follow("/bin/none")).isEqualTo(new Found("/usr/bin/none", new Node.Missing()));
    }

    @Test
    void follow_directoryOverALink_isTheDirectory() {
        ImageFiles files = files(
                new LayerBytes().symlink("lib", "usr/lib").program("usr/lib/a", ElfBytes.amd64()),
                new LayerBytes().directory("lib").program("lib/b", ElfBytes.amd64()));
        assertThat(files.follow("/lib/a").node()).isInstanceOf(Node.Missing.class);
        assertThat(layer(files.follow("/lib/b").node())).isEqualTo(1);
    }
}
