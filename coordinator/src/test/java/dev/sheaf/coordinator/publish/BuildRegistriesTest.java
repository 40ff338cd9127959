package dev.sheaf.coordinator.publish;

import static dev.sheaf.coordinator.publish.PublishBench.BUILD;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildState;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.Registries;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RetryPolicy;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class BuildRegistriesTest {
    private static final Credentials ANN = new Credentials.Basic("ann", "pw");
    private static final String REGISTRY = "registry.example";

    private final List<Registry> opened = new ArrayList<>();
    private final PublishBench.Hearing next = new PublishBench.Hearing();
    private final BuildRegistries builds = new BuildRegistries(this::openNew, 2);

    private Registry openNew(String registry, Credentials credentials) {
        try (Registries registries =
                new Registries(RetryPolicy.standard(() -> 0, _ -> {}), InstantSource.fixed(Instant.EPOCH), Set.of())) {
            opened.add(registries.open(registry, credentials));
        }
        return opened.getLast();
    }

    private void tell(BuildState state) {
        builds.hearing(next).buildChanged(PublishBench.snapshot(state));
    }

    @Test
    void openBuild_oneRegistryForEachLogin() {
        tell(BuildState.QUEUED);
        Registry first = builds.open(BUILD, REGISTRY, ANN);
        tell(BuildState.STITCHING);
        assertThat(builds.open(BUILD, REGISTRY, new Credentials.Basic("ann", "pw")))
                .isSameAs(first);
        assertThat(builds.open(BUILD, REGISTRY, Credentials.ANONYMOUS)).isNotSameAs(first);
        assertThat(builds.open(BUILD, "other.example", ANN)).isNotSameAs(first);
        assertThat(opened).hasSize(3);
        assertThat(next.states).containsExactly(BuildState.QUEUED, BuildState.STITCHING);
    }

    @Test
    void endedBuild_isForgottenAndStaysForgotten() {
        tell(BuildState.QUEUED);
        builds.open(BUILD, REGISTRY, ANN);
        tell(BuildState.CANCELLED);
        builds.open(BUILD, REGISTRY, ANN);
        builds.open(BUILD, REGISTRY, ANN);
        assertThat(opened).hasSize(3);
        assertThat(builds.remembered()).isZero();
    }

    @Test
    void buildsShareNothing_andMoreThanTheLimitStillWork() {
        tell(BuildState.QUEUED);
        builds.open(BUILD, REGISTRY, ANN);
        builds.open(new BuildId("build-2"), REGISTRY, ANN);
        assertThat(opened).hasSize(2);
    }
}
