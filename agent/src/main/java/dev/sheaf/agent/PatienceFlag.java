package dev.sheaf.agent;

import dev.sheaf.agent.engine.Engines.Patience;
import dev.sheaf.agent.session.Timing;
import java.time.Duration;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** How slow this host is: what would be a sign of something broken elsewhere is usual on it. */
final class PatienceFlag {
    private static final int MOST = 20;
    private static final Duration ENROLMENT = Duration.ofSeconds(15);

    @Option(
            names = "--patience",
            paramLabel = "N",
            scope = ScopeType.INHERIT,
            defaultValue = "1",
            description = "On a slow host, such as an emulated one: wait N times as long for answers of the engine and"
                    + " the coordinator, 1 to 20 (default ${DEFAULT-VALUE}).")
    private int times;

    Patience engine() {
        return Patience.STANDARD.times(checked());
    }

    Timing timing() {
        return Timing.STANDARD.times(checked());
    }

    /** For a certificate, with the first connection that a program makes. */
    Duration enrolment() {
        return ENROLMENT.multipliedBy(checked());
    }

    private int checked() {
        if (times < 1 || times > MOST) {
            throw new IllegalArgumentException("--patience " + times + " is refused: a number from 1 to " + MOST);
        }
        return times;
    }
}
