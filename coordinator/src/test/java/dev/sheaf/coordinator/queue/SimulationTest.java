package dev.sheaf.coordinator.queue;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Thousands of random histories. To repeat one: -Dtest=SimulationTest -Dsheaf.simulation.seed=N */
final class SimulationTest {
    private static final String SEED = "sheaf.simulation.seed";
    private static final int SEEDS = Integer.getInteger("sheaf.simulation.seeds", 2_000);
    private static final int SEEDS_PER_MUTANT = 500;

    @Test
    void simulation_anySeed_invariantsHold() {
        Long only = Long.getLong(SEED);
        LongStream seeds = only == null ? LongStream.range(0, SEEDS) : LongStream.of(only);
        seeds.forEach(SimulationTest::run);
    }

    private static void run(long seed) {
        try {
            new Simulation(seed, Mutant.NONE).run();
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "seed " + seed + ": " + e.getMessage()
                            + " (repeat: mvn -pl coordinator -am test -Dtest=SimulationTest"
                            + " -Dsurefire.failIfNoSpecifiedTests=false -D" + SEED + "=" + seed + ")",
                    e);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void simulation_plantedBug_isCaught(Mutant mutant) {
        boolean caught = LongStream.range(0, SEEDS_PER_MUTANT).anyMatch(seed -> isCaught(seed, mutant));
        assertThat(caught).as("%s within %d seeds", mutant, SEEDS_PER_MUTANT).isTrue();
    }

    private static boolean isCaught(long seed, Mutant mutant) {
        try {
            new Simulation(seed, mutant).run();
            return false;
        } catch (AssertionError | IllegalStateException e) {
            return true;
        }
    }
}
