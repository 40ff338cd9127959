package dev.sheaf.signal;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Where somebody listens, the units under a real systemd show it. */
final class ReadinessTest {
    @Test
    void nobodyListens_isNoFailure(@TempDir Path directory) {
        assertThat(Readiness.tell("")).isFalse();
        assertThat(Readiness.tell(directory.resolve("absent").toString())).isFalse();
        assertThat(Readiness.tell("@sheaf-test-absent")).isFalse();
        assertThat(Readiness.tell("/" + "long".repeat(50))).isFalse();
    }
}
