package dev.sheaf.cli.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.v1.CheckException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ArchIgnoreTest {
    @TempDir
    private Path directory;

    @Test
    void of_pathPlatformsAndReason() throws Exception {
        assertThat(read("""
                # what may be for others

                /opt/firmware/**  # for the card
                  /usr/lib/qemu/*   linux/amd64,linux/arm64/v8   emulates the others
                /a # why
                /b linux/arm/v7 of course
                """))
                .containsExactly(
                        exception("/opt/firmware/**", "", "for the card"),
                        exception("/usr/lib/qemu/*", "linux/amd64", "emulates the others"),
                        exception("/usr/lib/qemu/*", "linux/arm64", "emulates the others"),
                        exception("/a", "", "why"),
                        exception("/b", "linux/arm/v7", "of course"));
    }

    @Test
    void of_noFile_isNoException() throws CliException {
        assertThat(ArchIgnore.of(directory)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "opt/x; .archignore:1: \"opt/x\" is not an absolute path",
                "/x linux/ why; .archignore:1: ",
                "/x; .archignore:1: write behind /x why",
                "/x linux/amd64; .archignore:1: write behind /x why",
                "/x linux/amd64, why; .archignore:1: "
            })
    void of_badLine_isNamed(String line, String said) {
        assertThatThrownBy(() -> read(line))
                .isInstanceOf(CliException.class)
                .hasMessageContaining(said)
                .extracting(Throwable::getMessage)
                .asString()
                .hasLineCount(1);
    }

    @Test
    void of_tooMany_isRefused() {
        assertThatThrownBy(() -> read("/x why\n".repeat(ArchIgnore.MAX_EXCEPTIONS + 1)))
                .hasMessageContaining("1001 exceptions")
                .hasMessageContaining("1000");
    }

    private List<CheckException> read(String text) throws CliException, IOException {
        Files.writeString(directory.resolve(".archignore"), text);
        return ArchIgnore.of(directory);
    }

    private static CheckException exception(String path, String platform, String reason) {
        return CheckException.newBuilder()
                .setPath(path)
                .setPlatform(platform)
                .setReason(reason)
                .build();
    }
}
