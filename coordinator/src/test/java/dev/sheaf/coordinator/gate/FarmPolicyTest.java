package dev.sheaf.coordinator.gate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.image.arch.Policy.Mode;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class FarmPolicyTest {
    @Test
    void decide_theBuildsWish_orTheFarmsStandard() {
        FarmPolicy farm = new FarmPolicy(Mode.STRICT, Mode.ENTRYPOINT);
        assertThat(farm.decide(Optional.empty())).isEqualTo(Mode.STRICT);
        assertThat(farm.decide(Optional.of(Mode.ENTRYPOINT))).isEqualTo(Mode.ENTRYPOINT);
        assertThatThrownBy(() -> farm.decide(Optional.of(Mode.OFF)))
                .hasMessageContaining("--verify-arch=off")
                .hasMessageContaining("entrypoint");
    }

    @Test
    void aStandardBelowTheLeast_isRefused() {
        assertThatThrownBy(() -> new FarmPolicy(Mode.OFF, Mode.STRICT))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--verify-arch-least");
    }
}
