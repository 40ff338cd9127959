package dev.sheaf.endpoint.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class PrivateFileTest {
    @TempDir
    private Path directory;

    @Test
    void replace_isForItsUserAlone_andLeavesNothingElse() throws IOException {
        Path file = directory.resolve("new-directory/secret");
        PrivateFile.replace(file, "one");
        PrivateFile.replace(file, "two");

        assertThat(file).hasContent("two");
        assertThat(permissions(file)).isEqualTo("rw-------");
        assertThat(permissions(directory.resolve("new-directory"))).isEqualTo("rwx------");
        assertThat(directory.resolve("new-directory")).isDirectoryContaining(file::equals);
        try (var all = Files.list(directory.resolve("new-directory"))) {
            assertThat(all).hasSize(1);
        }
    }

    @Test
    void replace_thatFails_leavesWhatWasThere() throws IOException {
        Path taken = directory.resolve("secret");
        Files.createDirectories(taken.resolve("inside"));

        assertThatThrownBy(() -> PrivateFile.replace(taken, "one")).isInstanceOf(IOException.class);

        assertThat(directory).isDirectoryContaining(taken::equals);
        try (var all = Files.list(directory)) {
            assertThat(all).hasSize(1);
        }
    }

    @Test
    void isOpenToOthers_saysWhoMayRead() throws IOException {
        Path file = directory.resolve("secret");
        PrivateFile.replace(file, "one");
        assertThat(PrivateFile.isOpenToOthers(file)).isFalse();
        for (String open : new String[] {"rw-r-----", "rw--w----", "rw----r--", "rw-----w-"}) {
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(open));
            assertThat(PrivateFile.isOpenToOthers(file)).as(open).isTrue();
        }
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
