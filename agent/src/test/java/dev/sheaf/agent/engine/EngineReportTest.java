package dev.sheaf.agent.engine;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.agent.engine.EngineReport.Facts;
import dev.sheaf.agent.engine.EngineReport.Store;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class EngineReportTest {
    @ParameterizedTest
    @CsvSource({
        "20.10.24, CLASSIC, true, true",
        "22.0.1, CLASSIC, true, true",
        "23.0.0, CLASSIC, true, false",
        "26.1.5+dfsg1, CLASSIC, true, false",
        "dev, CLASSIC, true, false",
        "26.1.5, CONTAINERD, false, false",
        "20.10.24, NONE, false, false"
    })
    void degraded_saysWhatIsLacking(String docker, Store store, boolean isDegraded, boolean isUnpinned) {
        EngineReport report = new EngineReport("an engine", new Facts(true, docker, "", store, ""), List.of(), "");

        assertThat(report.degraded().isEmpty()).isEqualTo(!isDegraded);
        assertThat(report.degraded().contains("base images are not pinned")).isEqualTo(isUnpinned);
    }
}
