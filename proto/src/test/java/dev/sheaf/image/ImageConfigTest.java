package dev.sheaf.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.image.ImageConfig.HistoryEntry;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class ImageConfigTest {
    private static ImageConfig parse(String json) {
        return ImageConfig.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void parse_wholeConfig_everythingThatIsAskedFor() {
        ImageConfig config = parse("""
                {"os":"linux","architecture":"arm","variant":"v6","os.version":"10.0","created":"2026-01-02T03:04:05Z",
                 "config":{"Entrypoint":["/bin/app"],"Cmd":["--help"],"Env":["A=b","PATH=/a:b:/c:/a"],"WorkingDir":"/w"},
                 "history":[{"created_by":"ADD x /"},{"created_by":"ENV A=b","empty_layer":true},{"created_by":"RUN y"}]}""");

        assertThat(config.platform()).contains(Platform.parse("linux/arm/v6"));
        assertThat(config.statesVariant()).isTrue();
        assertThat(config.osVersion()).isEqualTo("10.0");
        assertThat(config.created()).isEqualTo("2026-01-02T03:04:05Z");
        assertThat(config.execution())
                .isEqualTo(new ImageConfig.Execution(
                        List.of("/bin/app"), List.of("--help"), List.of("A=b", "PATH=/a:b:/c:/a"), "/w"));
        assertThat(config.execution().path()).containsExactly("/a", "/c");
        assertThat(config.history())
                .containsExactly(
                        new HistoryEntry("ADD x /", false),
                        new HistoryEntry("ENV A=b", true),
                        new HistoryEntry("RUN y", false));
        assertThat(config.instructions()).containsExactly("ADD x /", "RUN y");
    }

    @Test
    void parse_emptyOrNull_isWhatRuntimesTake() {
        for (String json : List.of(
                "{}",
                "{\"os\":null,\"config\":null,\"history\":null}",
                "{\"config\":{\"Entrypoint\":null,\"Cmd\":null,\"Env\":null}}")) {
            ImageConfig config = parse(json);
            assertThat(config.platform()).isEmpty();
            assertThat(config.statesVariant()).isFalse();
            assertThat(config.osVersion()).isEmpty();
            assertThat(config.created()).isEmpty();
            assertThat(config.execution()).isEqualTo(new ImageConfig.Execution(List.of(), List.of(), List.of(), "/"));
            assertThat(config.execution().path()).startsWith("/usr/local/sbin").hasSize(6);
            assertThat(config.history()).isEmpty();
        }
        assertThat(parse("{\"config\":{\"WorkingDir\":\"a\"}}").execution().workingDirectory())
                .isEqualTo("/a");
    }

    @Test
    void parse_instructionAsLongAsAScript_isShortenedInTheList() {
        ImageConfig config = parse("{\"history\":[{\"created_by\":\"" + "x".repeat(1_001) + "\"}]}");
        assertThat(config.instructions().getFirst()).hasSize(1_000);
        assertThat(config.history().getFirst().createdBy()).hasSize(1_001);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "is not valid JSON | {",
                "is not valid JSON: Duplicate field 'os' | {'os':'linux','os':'windows'}",
                "is not valid JSON: Trailing token | {} {}",
                "is not a JSON object | []",
                "is not a JSON object | ''",
            })
    void parse_wrongConfig_refusedInOneSentenceThatNamesIt(String why, String json) {
        String text = json.replace('\'', '"');
        assertThatThrownBy(() -> parse(text))
                .isInstanceOf(ImageFormatException.class)
                .hasMessageStartingWith("the config " + Digest.of(text.getBytes(StandardCharsets.UTF_8)) + " ")
                .message()
                .contains(why)
                .hasLineCount(1);
    }

    @Test
    void parse_tooLarge_refusedWithBothSizes() {
        byte[] bytes = new byte[ImageConfig.MAX_BYTES + 1];
        Arrays.fill(bytes, (byte) ' ');
        assertThatThrownBy(() -> ImageConfig.parse(bytes))
                .hasMessageContaining("has 8388609 bytes, more than the 8388608");
        bytes[0] = '{';
        bytes[1] = '}';
        assertThat(ImageConfig.parse(Arrays.copyOf(bytes, ImageConfig.MAX_BYTES))
                        .platform())
                .isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "linux, arm, '', linux/arm/v6, linux/arm/v6",
        "linux, arm, v7, linux/arm/v6, linux/arm/v7",
        "linux, arm64, '', linux/amd64, linux/arm64",
        "linux, amd64, '', windows/amd64, linux/amd64",
        "'', amd64, '', linux/amd64, ''",
    })
    void effective_configCounts_andAVariantOfTheIndexRefinesIt(
            String os, String architecture, String variant, String stated, String effective) {
        ImageConfig config = parse(
                "{\"os\":\"" + os + "\",\"architecture\":\"" + architecture + "\",\"variant\":\"" + variant + "\"}");
        assertThat(config.effective(Optional.of(Platform.parse(stated))).map(Platform::toString))
                .isEqualTo(Optional.of(effective).filter(text -> !text.isEmpty()));
        assertThat(config.effective(Optional.empty())).isEqualTo(config.platform());
    }
}
