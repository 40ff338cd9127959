package dev.sheaf.coordinator.identity.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.image.Platform;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SelectorTest {
    private static final Platform ARM64 = Platform.parse("linux/arm64");
    private static final Platform AMD64 = Platform.parse("linux/amd64");
    private static final Map<String, Selector.Facts> AGENTS = Map.of(
            "a1", new Selector.Facts("a", Set.of(ARM64)),
            "a2", new Selector.Facts("a", Set.of(AMD64)),
            "b1", new Selector.Facts("b", Set.of(ARM64)));

    @Test
    void agents_matchAllThatIsSaid() {
        assertThat(select(List.of("b1", "a1"), "", Optional.empty())).containsExactly("a1", "b1");
        assertThat(select(List.of(), "a", Optional.empty())).containsExactly("a1", "a2");
        assertThat(select(List.of(), "", Optional.of(ARM64))).containsExactly("a1", "b1");
        assertThat(select(List.of("a1", "a2", "b1"), "a", Optional.of(ARM64))).containsExactly("a1");
    }

    @Test
    void nothingSaid_unknownName_orNoMatch_isRefusedByName() {
        assertThatThrownBy(() -> select(List.of(), "", Optional.empty())).hasMessageContaining("say which agents");
        assertThatThrownBy(() -> select(List.of("a1", "zz"), "", Optional.empty()))
                .hasMessageContaining("\"zz\"");
        assertThatThrownBy(() -> select(List.of(), "b", Optional.of(AMD64)))
                .hasMessageContaining("--pool b --platform linux/amd64");
    }

    private static List<String> select(List<String> names, String pool, Optional<Platform> platform) {
        return new Selector(names, pool, platform).select(AGENTS);
    }
}
