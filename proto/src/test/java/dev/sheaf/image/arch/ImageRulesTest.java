package dev.sheaf.image.arch;

import static dev.sheaf.image.arch.ImageCase.debian;
import static dev.sheaf.image.arch.ImageCase.elf;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.image.Platform;
import dev.sheaf.image.arch.Finding.Severity;
import dev.sheaf.image.arch.Policy.Exemption;
import dev.sheaf.image.arch.Policy.Mode;
import dev.sheaf.testregistry.LayerBytes;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Modes, exceptions, places, and how much is said. */
final class ImageRulesTest {
    private static final String ARM64 = "linux/arm64";
    private static final String AMD64 = "linux/amd64";

    private static ImageCase withForeign(String path) {
        return new ImageCase(ARM64)
                .command("bash")
                .directory("/work")
                .layer("base", debian(ARM64))
                .layer("COPY x", new LayerBytes().program(path, elf(AMD64)));
    }

    private static Policy mode(Mode mode) {
        return new Policy(mode, List.of());
    }

    private static List<Severity> severities(List<Finding> findings) {
        return findings.stream().map(Finding::severity).toList();
    }

    @ParameterizedTest
    @CsvSource({
        // a foreign program there, and how bad it is: strict, entrypoint
        "usr/local/bin/tool, ERROR, WARNING",
        "opt/vendor/bin/tool, ERROR, WARNING",
        "app/deep/tool, ERROR, WARNING",
        "work/tool, ERROR, WARNING",
        "tool, ERROR, WARNING",
        "usr/lib/plugins/libx.so, ERROR, WARNING",
        "data/cache/tool, WARNING, NOTE",
        "app/linux-x64/tool, WARNING, NOTE",
        "usr/lib/debug/usr/bin/tool.debug, NOTE, NOTE",
        "go/pkg/mod/x/testdata/tool, NOTE, NOTE",
    })
    void judge_foreignProgram_byItsPlaceAndMode(String path, Severity strict, Severity entrypoint) {
        assertThat(severities(withForeign(path).strict())).containsExactly(strict);
        assertThat(severities(withForeign(path).judge(mode(Mode.ENTRYPOINT)))).containsExactly(entrypoint);
        assertThat(withForeign(path).judge(mode(Mode.OFF))).isEmpty();
    }

    @Test
    void judge_foreignDataFile_isNoProgram() {
        ImageCase image = new ImageCase(ARM64)
                .command("bash")
                .layer("base", debian(ARM64))
                .layer(
                        "x",
                        new LayerBytes()
                                .file("app/firmware.bin", 0644, elf(AMD64).bytes()));
        assertThat(severities(image.strict())).containsExactly(Severity.WARNING);
    }

    @Test
    void judge_foreignEntrypoint_isAnErrorInBothModes() {
        ImageCase image =
                new ImageCase(ARM64).entrypoint("/tool").layer("x", new LayerBytes().program("tool", elf(AMD64)));
        assertThat(severities(image.strict())).containsExactly(Severity.ERROR);
        assertThat(severities(image.judge(mode(Mode.ENTRYPOINT)))).containsExactly(Severity.ERROR);
    }

    @Test
    void judge_layerOfTheBase_isNotJudgedFileByFile() {
        ImageCase image = new ImageCase(ARM64)
                .command("bash")
                .base(debian(ARM64).program("usr/bin/x86-tool", elf(AMD64)))
                .layer("x", new LayerBytes().text("x", ""));
        assertThat(image.strict()).isEmpty();
        ImageCase entrypoint =
                new ImageCase(ARM64).command("x86-tool").base(debian(ARM64).program("usr/bin/x86-tool", elf(AMD64)));
        assertThat(severities(entrypoint.strict())).containsExactly(Severity.ERROR);
    }

    @Test
    void judge_excepted_isANoteThatSaysWhy() {
        Policy policy = new Policy(
                Mode.STRICT,
                List.of(
                        new Exemption("/opt/box64/**", Optional.of(Platform.parse(ARM64)), "run by box64"),
                        new Exemption("/opt/**", Optional.of(Platform.parse(AMD64)), "not this platform"),
                        new Exemption("/nowhere/*", Optional.of(Platform.parse(ARM64)), "never needed")));
        List<Finding> findings = withForeign("opt/box64/bin/tool").judge(policy);
        assertThat(findings)
                .extracting(Finding::sentence)
                .containsExactly(
                        "/opt/box64/bin/tool is an x86-64 program, and this image is for linux/arm64 (layer 2, COPY x): "
                                + "excepted by /opt/box64/** because run by box64",
                        "the exception for /nowhere/* was not needed: remove it");
        assertThat(severities(findings)).containsOnly(Severity.NOTE);
        assertThat(severities(withForeign("opt/other/bin/tool").judge(policy))).contains(Severity.ERROR);
    }

    @ParameterizedTest
    @ValueSource(strings = {"relative/*", "/[", "/{a", "/****************/*"})
    void exemption_badPattern_isRefused(String pattern) {
        assertThatThrownBy(() -> new Exemption(pattern, Optional.empty(), "because"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(pattern);
    }

    @Test
    void exemption_withoutReason_isRefused() {
        assertThatThrownBy(() -> new Exemption("/x", Optional.empty(), " "))
                .hasMessage("the exception for /x states no reason");
        assertThatThrownBy(() -> Mode.parse("strcit"))
                .hasMessage("\"strcit\" is not a mode of the architecture check: write off, entrypoint, strict");
        assertThat(Mode.parse("entrypoint")).isEqualTo(Mode.ENTRYPOINT);
    }

    @Test
    void judge_manyForeignFiles_areCountedNotListed() {
        LayerBytes layer = new LayerBytes();
        for (int i = 0; i < 3_000; i++) {
            layer.program("app/p" + i, elf(AMD64));
            layer.library("app/linux-x64/l" + i + ".so", elf(AMD64));
        }
        layer.library("app/linux-arm64/l.so", elf(ARM64));
        List<Finding> findings = new ImageCase(ARM64).layer("COPY x", layer).strict();
        assertThat(findings).hasSize(13);
        assertThat(findings)
                .extracting(Finding::sentence)
                .contains(
                        "2990 more files like /app/p0 lie in the same layer (layer 1, COPY x)",
                        "2999 more files like /app/linux-x64/l0.so lie in the same layer (layer 1, COPY x)");
    }

    @Test
    void judge_manyForeignFiles_exceptedOnesAreCountedByThemselves() {
        LayerBytes layer = new LayerBytes();
        LayerBytes mixed = new LayerBytes();
        for (int i = 0; i < 12; i++) {
            layer.program("usr/bin/guest" + i, elf(AMD64));
            mixed.program("usr/bin/guest" + i, elf(AMD64));
        }
        mixed.program("usr/bin/tool", elf(AMD64));
        Policy policy =
                new Policy(Mode.STRICT, List.of(new Exemption("/usr/bin/guest*", Optional.empty(), "for guests")));
        ImageCase image = new ImageCase(ARM64).layer("COPY x", layer);
        assertThat(image.judge(policy))
                .hasSize(11)
                .allMatch(finding -> finding.severity() == Severity.NOTE)
                .last()
                .extracting(Finding::sentence)
                .isEqualTo("2 more files like /usr/bin/guest0 lie in the same layer (layer 1, COPY x): excepted by"
                        + " /usr/bin/guest* because for guests");

        assertThat(new ImageCase(ARM64).layer("COPY x", mixed).judge(policy))
                .hasSize(12)
                .filteredOn(finding -> finding.severity() == Severity.ERROR)
                .extracting(Finding::subject)
                .containsExactly("/usr/bin/tool");
    }

    @Test
    void judge_programWhoseLoaderIsMissing_isAWarningUnlessItIsRunFirst() {
        ImageCase image = new ImageCase(AMD64)
                .command("bash")
                .layer("base", debian(AMD64))
                .layer("x", new LayerBytes().program("usr/bin/m", elf(AMD64).loader("/lib/ld-musl-x86_64.so.1")));
        assertThat(image.strict())
                .extracting(Finding::severity, Finding::rule)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(Severity.WARNING, Rule.LOADER_MISSING));
    }

    @Test
    void judge_manyProgramsWithoutTheirLoader_areOneWarning() {
        LayerBytes layer = new LayerBytes();
        for (int i = 0; i < 500; i++) {
            layer.program("usr/bin/p" + i, elf(AMD64).loader("/lib/ld-musl-x86_64.so.1"));
        }
        assertThat(new ImageCase(AMD64).layer("COPY x", layer).strict())
                .extracting(Finding::sentence)
                .containsExactly(
                        "/usr/bin/p0 needs the loader /lib/ld-musl-x86_64.so.1, which the image does not have (layer 1,"
                                + " COPY x): link it statically, or install that C library (glibc or musl)",
                        "499 more files like /usr/bin/p0 lie in the same layer (layer 1, COPY x)");
    }

    @Test
    void judge_libraryForNewerProcessors_isAWarning() {
        ImageCase image = new ImageCase(AMD64)
                .layer(
                        "x",
                        new LayerBytes()
                                .library("usr/lib/libfast.so", elf(AMD64).isaNeeded(7)));
        assertThat(image.strict())
                .extracting(Finding::severity, Finding::rule)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(Severity.WARNING, Rule.PROCESSOR_LEVEL));
    }

    @Test
    void judge_armForANewerProcessor_isAnErrorIfItIsRunFirst() {
        LayerBytes layer = new LayerBytes()
                .program("app/first", elf("linux/arm/v6").armAttributes(10, 0))
                .program("app/other", elf("linux/arm/v6").armAttributes(10, 0));
        String sentence =
                " needs an armv7 processor, and linux/arm/v6 promises no more than armv6 (layer 1, COPY x): compile"
                        + " it for linux/arm/v6";
        assertThat(new ImageCase("linux/arm/v6")
                        .entrypoint("/app/first")
                        .layer("COPY x", layer)
                        .strict())
                .extracting(Finding::severity, Finding::sentence)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(Severity.ERROR, "/app/first" + sentence),
                        org.assertj.core.groups.Tuple.tuple(Severity.WARNING, "/app/other" + sentence));
        assertThat(new ImageCase("linux/arm/v7")
                        .entrypoint("/app/first")
                        .layer("COPY x", layer)
                        .strict())
                .isEmpty();
    }

    @Test
    void judge_armOfTheOtherFloat_cannotCallItsLoader() {
        String loader = "/lib/ld-linux.so.3";
        LayerBytes layer = new LayerBytes()
                .program("app/hard", elf("linux/arm/v7").loader(loader))
                .program("app/soft", elf("linux/arm/v7").flags(0x05000200).loader(loader))
                .program("app/old", elf("linux/arm/v7").flags(0x05000000).loader(loader))
                .file(
                        loader.substring(1),
                        0755,
                        elf("linux/arm/v7").flags(0x05000200).library().bytes());
        List<Finding> findings = new ImageCase("linux/arm/v7")
                .entrypoint("/app/hard")
                .layer("COPY x", layer)
                .strict();
        assertThat(findings)
                .extracting(Finding::severity, Finding::rule, Finding::subject)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(Severity.ERROR, Rule.LOADER_MISSING, "/app/hard"));
        assertThat(findings.getFirst().sentence())
                .contains("is 32-bit ARM hard-float and needs the loader " + loader
                        + ", which is 32-bit ARM soft-float here");
    }

    @Test
    void judge_foreignSystemInADirectory_isNotTheBase() {
        ImageCase image =
                new ImageCase(ARM64).layer("COPY x", new LayerBytes().program("opt/root/bin/bash", elf(AMD64)));
        assertThat(image.strict()).extracting(Finding::rule).containsExactly(Rule.FILE_ARCHITECTURE);
    }

    @Test
    void judge_missingEntrypoint_isAWarningBecauseItMayBeMounted() {
        assertThat(severities(new ImageCase(ARM64).entrypoint("/mnt/app").strict()))
                .containsExactly(Severity.WARNING);
        assertThat(severities(new ImageCase(ARM64)
                        .entrypoint("/loop")
                        .layer("x", new LayerBytes().symlink("loop", "/loop"))
                        .strict()))
                .containsExactly(Severity.WARNING);
    }

    @Test
    void judge_platformWithoutElf_isNotedAsUnchecked() {
        assertThat(new ImageCase("windows/amd64").strict())
                .extracting(Finding::severity, Finding::rule)
                .containsExactly(org.assertj.core.groups.Tuple.tuple(Severity.NOTE, Rule.CHECK));
        assertThat(severities(new ImageCase("windows/amd64").stating(AMD64).strict()))
                .contains(Severity.ERROR);
    }

    @Test
    void sentence_namesThatSteerATerminal_areHarmless() {
        ImageCase image = new ImageCase(ARM64)
                .layer("COPY \u001b[2J\nx", new LayerBytes().program("app/\u001b]0;evil\u0007\u202etxt", elf(AMD64)));
        String sentence = image.strict().getFirst().sentence();
        assertThat(sentence)
                .startsWith("/app/?]0;evil??txt is an x86-64 program")
                .doesNotContain("\n", "\u001b");
    }
}
