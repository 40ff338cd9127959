package dev.sheaf.dockerfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class VariablesTest {
    private static final Map<String, String> SET =
            Map.of("A", "1", "EMPTY", "", "PATHS", "a/b/c.tar.gz", "ARCH", "arm64", "STAR", "x*y");

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            $A                      | 1
            ${A}                    | 1
            x$A-y                   | x1-y
            $AB                     | ~~
            $MISSING                | ~~
            ${MISSING:-d}           | d
            ${EMPTY:-d}             | d
            ${EMPTY-d}              | ~~
            ${MISSING-d}            | d
            ${A:-d}                 | 1
            ${A:+set}               | set
            ${EMPTY:+set}           | ~~
            ${EMPTY+set}            | set
            ${MISSING+set}          | ~~
            ${A:?no}                | 1
            ${MISSING:-${A:-x}}     | 1
            ${MISSING:-"a b"}       | a b
            ${PATHS#*/}             | b/c.tar.gz
            ${PATHS##*/}            | c.tar.gz
            ${PATHS%.*}             | a/b/c.tar
            ${PATHS%%.*}            | a/b/c
            ${PATHS#x}              | a/b/c.tar.gz
            ${PATHS%?z}             | a/b/c.tar.
            ${ARCH/arm64/aarch64}   | aarch64
            ${PATHS//\\//-}         | a-b-c.tar.gz
            ${PATHS/a*b/x}          | x/c.tar.gz
            ${STAR#x\\*}            | y
            '$A'                    | $A
            "$A"                    | 1
            "\\$A \\"q\\" \\n"      | $A "q" \\n
            \\$A                    | $A
            a\\ b                   | a b
            $1x                     | x
            $$A                     | A
            cost$                   | cost$
            """)
    void expandsAsBuildKitDoes(String word, String expected) throws DockerfileException {
        assertThat(expand(word.replace("\\\\", "\\"))).isEqualTo(expected.replace("\\\\", "\\"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
            ${A            | "${A" cannot be expanded: a ${ is not closed, or names no variable
            ${A:-b         | "${A:-b" cannot be expanded: a ${ is not closed
            ${}            | "${}" cannot be expanded: a ${ is not closed, or names no variable
            "a             | ~"a" cannot be expanded: a quote is not closed~
            ${MISSING:?no} | "${MISSING:?no}" cannot be expanded: MISSING must be set: no
            ${EMPTY:?}     | "${EMPTY:?}" cannot be expanded: EMPTY must be set
            ${A^}          | "${A^}" cannot be expanded: the modifier ^ of ${A} is not known
            """)
    void saysWhatIsWrong(String word, String message) {
        assertThatThrownBy(() -> expand(word))
                .isInstanceOf(DockerfileException.class)
                .hasMessageContaining(message.substring(message.indexOf("cannot")));
    }

    @Test
    void staysWithinItsLimits() {
        String wide = "x".repeat(Variables.MAX_CHARACTERS / 2);
        assertThatThrownBy(() -> Variables.expand("$W$W$W", '\\', _ -> Optional.of(wide)))
                .hasMessageContaining("beyond 65536 characters");
        assertThatThrownBy(() -> expand("${M:-".repeat(40) + "}".repeat(40))).hasMessageContaining("deeper than 32");
        assertThatThrownBy(() -> Variables.expand("${W%*}", '\\', _ -> Optional.of(wide)))
                .hasMessageContaining("more than 512 characters");
        assertThatThrownBy(() -> expand("${A#*a*b*c}")).hasMessageContaining("more than 2 asterisks");
    }

    @Test
    void usesTheEscapeCharacterOfTheFile() throws DockerfileException {
        assertThat(Variables.expand("C:\\`$A", '`', name -> Optional.ofNullable(SET.get(name))))
                .isEqualTo("C:\\$A");
    }

    private static String expand(String word) throws DockerfileException {
        return Variables.expand(word, '\\', name -> Optional.ofNullable(SET.get(name)));
    }
}
