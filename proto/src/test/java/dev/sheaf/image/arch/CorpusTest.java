package dev.sheaf.image.arch;

import static dev.sheaf.image.arch.ImageCase.debian;
import static dev.sheaf.image.arch.ImageCase.dynamic;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.image.arch.Corpus.Entry;
import dev.sheaf.image.arch.Finding.Severity;
import dev.sheaf.testregistry.LayerBytes;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Images as people publish them: no alarm on good ones, and one sentence that says it all on bad ones. */
final class CorpusTest {
    private static final String AMD64 = "linux/amd64";

    static List<Entry> corpus() {
        List<Entry> entries = Corpus.read();
        assertThat(entries).hasSizeGreaterThan(60);
        return entries;
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("corpus")
    void judge_imageAsPeoplePublishIt_saysWhatItMust(Entry entry) {
        List<Finding> findings = entry.image().strict();
        if (entry.says().isEmpty()) {
            assertThat(findings)
                    .as(findings.stream().map(Finding::sentence).toList().toString())
                    .allMatch(finding -> finding.severity() == Severity.NOTE);
        } else {
            assertThat(findings)
                    .filteredOn(finding -> finding.severity() == Severity.ERROR)
                    .extracting(Finding::sentence)
                    .anyMatch(sentence -> sentence.contains(entry.says().get()));
        }
    }

    @Test
    void judge_foreignBase_isNotThousandsOfErrors() {
        LayerBytes base = debian(AMD64);
        for (int i = 0; i < 500; i++) {
            base.program("usr/bin/p" + i, dynamic(AMD64));
        }
        List<Finding> findings = new ImageCase("linux/arm64")
                .stating(AMD64)
                .command("p1")
                .layer("base", base)
                .strict();
        assertThat(findings)
                .extracting(Finding::rule)
                .containsExactly(Rule.CONFIG_PLATFORM, Rule.BASE_ARCHITECTURE, Rule.ENTRYPOINT_ARCHITECTURE);
    }
}
