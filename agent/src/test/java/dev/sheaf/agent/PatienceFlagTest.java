package dev.sheaf.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.agent.engine.Engines.Patience;
import dev.sheaf.agent.session.Timing;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

final class PatienceFlagTest {
    @Test
    void notSaid_standard() {
        assertThat(parse().engine()).isEqualTo(Patience.STANDARD);
        assertThat(parse().timing()).isEqualTo(Timing.STANDARD);
    }

    @Test
    void threeTimes_everythingOfTheEngineTakesThreeTimesAsLong() {
        assertThat(parse("--patience", "3").engine())
                .isEqualTo(new Patience(Duration.ofSeconds(30), Duration.ofSeconds(90), Duration.ofSeconds(15)));
    }

    @Test
    void answersOfTheCoordinator_areNotAwaitedUntilLeasesEnd() {
        assertThat(parse("--patience", "2").timing().answer()).isEqualTo(Duration.ofSeconds(10));
        assertThat(parse("--patience", "20").timing().answer())
                .isLessThan(Timing.STANDARD.lease())
                .isEqualTo(Duration.ofSeconds(15));
        assertThat(parse("--patience", "20").timing().busy()).isEqualTo(Timing.STANDARD.busy());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "21"})
    void outsideOfOneToTwenty_refused(String times) {
        assertThatThrownBy(parse("--patience", times)::engine)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("--patience " + times + " is refused: a number from 1 to 20");
    }

    private static PatienceFlag parse(String... arguments) {
        @CommandLine.Command
        class Empty {
            @CommandLine.Mixin
            private final PatienceFlag flag = new PatienceFlag();
        }
        Empty command = new Empty();
        new CommandLine(command).parseArgs(arguments);
        return command.flag;
    }
}
