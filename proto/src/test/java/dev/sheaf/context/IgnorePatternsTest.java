package dev.sheaf.context;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

final class IgnorePatternsTest {
    /** Expectation, pattern, path. */
    private static final String DOCUMENTED = """
            yes ** file
            yes ** dir/file
            yes **/ file
            yes **/** dir/file
            yes dir/** dir/file
            no dir/** dir
            yes dir/** dir/dir2/file
            yes **/dir dir/file
            yes **/dir2/* dir/dir2/file
            yes **/dir2/* dir/dir2/a/b
            yes **/dir2/** dir/dir2/a/b
            yes **file file
            yes **file dir/file
            yes **/file dir/file
            no **/file afile
            yes **file afile
            yes **/file* dir/file.txt
            yes **/*.txt dir/file.txt
            yes **/*.txt file.txt
            no **/*.txt a.txta
            yes a**/*.txt a/file.txt
            yes a**/*.txt a/dir/file.txt
            no a/*.txt a/dir/file.txt
            yes a/*/*.txt a/dir/file.txt
            yes * a/b
            no *.go a/b.go
            yes a[b-d]e ace
            no a[b-d]e aae
            yes a[^b-d]e aze
            yes a[&]e a&e
            yes .* .foo
            no .* foo
            no abc.def abcdef
            yes abc.def abc.def
            no abc.def abcZdef
            yes abc?def abcZdef
            no abc?def abc/def
            yes a\\*b a*b
            no a\\*b axb
            yes **/foo/bar foo/bar
            yes **/foo/bar dir/dir2/foo/bar
            no abc/** abc
            yes abc/** abc/def/ghi
            yes **/.foo .foo
            no **/.foo bar.foo
            yes a(b)c/def a(b)c/def
            yes a.|)$(}+{bc a.|)$(}+{bc
            yes dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl dist/proxy.py-2.4.0rc3.dev36+g08acad9-py3-none-any.whl
            yes docs docs/a/b
            yes docs/ docs/a
            yes /docs docs/a
            yes ./docs docs/a
            no doc docs
            """;

    static List<Arguments> documented() {
        return DOCUMENTED
                .lines()
                .map(line -> line.split(" ", -1))
                .map(words -> Arguments.of(words[1], words[2], words[0].equals("yes")))
                .toList();
    }

    @ParameterizedTest
    @MethodSource("documented")
    void matches_onePattern_asDocumented(String pattern, String path, boolean expected) {
        assertThat(IgnorePatterns.parse(pattern).matches(path)).isEqualTo(expected);
    }

    @Test
    void match_walkingDown_agreesWithMatches() {
        IgnorePatterns patterns = IgnorePatterns.of(List.of("a", "!a/b", "a/b/c", "!**/keep"));
        for (String path : List.of("a/x", "a/b/x", "a/b/c/x", "a/b/c/keep", "b")) {
            IgnorePatterns.Match match = IgnorePatterns.Match.NONE;
            for (int slash = path.indexOf('/'); slash > 0; slash = path.indexOf('/', slash + 1)) {
                match = patterns.match(path.substring(0, slash), match);
            }
            assertThat(patterns.match(path, match).matched()).as(path).isEqualTo(patterns.matches(path));
        }
        assertThat(patterns.matches("a/x")).isTrue();
        assertThat(patterns.matches("a/b/x")).isFalse();
        assertThat(patterns.matches("a/b/c/x")).isTrue();
        assertThat(patterns.matches("a/b/c/keep")).isFalse();
    }

    @Test
    void parse_marksCommentsBlanksAndSlashes_areHandled() {
        IgnorePatterns patterns =
                IgnorePatterns.parse("\uFEFF# comment\r\n\n /lead/ \n !  /back/../kept \n #name\n**/*.tmp\n");
        assertThat(patterns.patterns()).containsExactly("lead", "!kept", "#name", "**/*.tmp");
    }

    @Test
    void prunes_exceptionInside_isWalked() {
        IgnorePatterns patterns = IgnorePatterns.of(List.of("node_modules", "vendor", "!vendor/kept/*"));
        assertThat(patterns.prunes("node_modules")).isTrue();
        assertThat(patterns.prunes("vendor")).isFalse();
        assertThat(IgnorePatterns.of(List.of("a", "!**/x")).prunes("a")).isFalse();
        assertThat(IgnorePatterns.of(List.of("a")).prunes("a")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(strings = {"!", "a[", "[]", "a\\", "[a-", "[^]"})
    void of_malformed_isRefusedInOneLine(String pattern) {
        assertThatThrownBy(() -> IgnorePatterns.of(List.of(pattern)))
                .isInstanceOf(InvalidPatternException.class)
                .hasMessageNotContaining("\n");
    }
}
