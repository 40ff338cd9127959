package dev.sheaf.cli.architecture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.image.Platform;
import dev.sheaf.image.arch.Policy.Exemption;
import dev.sheaf.image.arch.Policy.Mode;
import dev.sheaf.v1.ArchitectureCheck;
import dev.sheaf.v1.CheckException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
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
                "/x linux/amd64, why; .archignore:1: ",
                "/[a why; .archignore:1: \"/[a\" is not a pattern of paths"
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
    void read_fileThatIsNotThereOrNoText_isRefusedByItsName() throws IOException {
        Path file = directory.resolve("exceptions");
        assertThatThrownBy(() -> ArchIgnore.read(file)).hasMessage("there is no file " + file);
        assertThatThrownBy(() -> ArchIgnore.read(directory))
                .hasMessageStartingWith(directory + " cannot be read as text");
        Files.write(file, new byte[] {'/', (byte) 0xff, '\n'});
        assertThatThrownBy(() -> ArchIgnore.read(file)).hasMessageStartingWith(file + " cannot be read as text");
        Files.write(file, new byte[(int) ArchIgnore.MAX_BYTES + 1]);
        assertThatThrownBy(() -> ArchIgnore.read(file)).hasMessage(file + " is larger than 262144 bytes");
    }

    @Test
    void wire_saysTheSame() {
        assertThat(CheckWire.exception(exception("/a/**", "linux/arm/v7", "why")))
                .isEqualTo(CheckException.newBuilder()
                        .setPath("/a/**")
                        .setPlatform("linux/arm/v7")
                        .setReason("why")
                        .build());
        assertThat(CheckWire.exception(exception("/a", "", "why")).getPlatform())
                .isEmpty();
        assertThat(CheckWire.mode(Optional.empty())).isEqualTo(ArchitectureCheck.ARCHITECTURE_CHECK_UNSPECIFIED);
        assertThat(Stream.of(Mode.values()).map(Optional::of).map(CheckWire::mode))
                .containsExactly(
                        ArchitectureCheck.ARCHITECTURE_CHECK_OFF,
                        ArchitectureCheck.ARCHITECTURE_CHECK_ENTRYPOINT,
                        ArchitectureCheck.ARCHITECTURE_CHECK_STRICT);
    }

    @Test
    void of_tooMany_isRefused() {
        assertThatThrownBy(() -> read("/x why\n".repeat(ArchIgnore.MAX_EXCEPTIONS + 1)))
                .hasMessageContaining("1001 exceptions")
                .hasMessageContaining("1000");
    }

    private List<Exemption> read(String text) throws CliException, IOException {
        Files.writeString(directory.resolve(".archignore"), text);
        return ArchIgnore.of(directory);
    }

    private static Exemption exception(String path, String platform, String reason) {
        return new Exemption(
                path, Optional.of(platform).filter(text -> !text.isEmpty()).map(Platform::parse), reason);
    }
}
