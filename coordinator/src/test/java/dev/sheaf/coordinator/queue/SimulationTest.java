package dev.sheaf.coordinator.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Thousands of random histories: {@code -Dsheaf.simulation.seeds=N}, the first with the seed that
 * {@code -Dsheaf.simulation.first=N} says, on all processors; one: {@code -Dsheaf.simulation.seed=N}.
 */
final class SimulationTest {
    private static final String SEED = "sheaf.simulation.seed";
    private static final long SEEDS = Long.getLong("sheaf.simulation.seeds", 20_000);
    private static final long FIRST = Long.getLong("sheaf.simulation.first", 0);
    private static final long SEEDS_FOR_EVERYTHING = 2_000;
    private static final int SEEDS_PER_MUTANT = 500;
    private static final double NANOS_PER_SECOND = 1e9;
    private static final double MILLIS_PER_HOUR = 3_600_000;

    @Test
    void simulation_anySeed_invariantsHold() {
        Long only = Long.getLong(SEED);
        LongStream seeds = only == null ? LongStream.range(FIRST, FIRST + SEEDS) : LongStream.of(only);
        long start = System.nanoTime();
        AtomicLong ran = new AtomicLong();
        AtomicLong millis = new AtomicLong();
        Map<Fault, Long> faults = new TreeMap<>();
        seeds.parallel().forEach(seed -> {
            Simulation simulation = run(seed, Mutant.NONE);
            ran.incrementAndGet();
            millis.addAndGet(simulation.millis());
            synchronized (faults) {
                simulation.faults().forEach((fault, times) -> faults.merge(fault, times, Long::sum));
            }
        });
        System.out.printf(
                Locale.ROOT,
                "simulation: %d seeds from %d, %.0f a second, %.0f simulated hours, faults %s%n",
                ran.get(),
                only == null ? FIRST : only,
                ran.get() * NANOS_PER_SECOND / (System.nanoTime() - start),
                millis.get() / MILLIS_PER_HOUR,
                faults);
        if (ran.get() >= SEEDS_FOR_EVERYTHING) {
            assertThat(faults).as("everything that can go wrong did").containsOnlyKeys(Fault.values());
        }
    }

    private static Simulation run(long seed, Mutant mutant) {
        try {
            Simulation simulation = new Simulation(seed, mutant);
            simulation.run();
            return simulation;
        } catch (AssertionError | RuntimeException e) {
            throw new AssertionError(
                    "seed " + seed + ": " + e.getMessage()
                            + " (repeat: mvn -pl coordinator -am test -Dtest=SimulationTest#"
                            + "simulation_anySeed_invariantsHold -Dsurefire.failIfNoSpecifiedTests=false -D" + SEED
                            + "=" + seed + ")",
                    e);
        }
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void simulation_plantedBug_isCaught(Mutant mutant) {
        OptionalLong caught = LongStream.range(0, SEEDS_PER_MUTANT)
                .filter(seed -> isCaught(seed, mutant))
                .findFirst();
        assertThat(caught).as("%s within %d seeds", mutant, SEEDS_PER_MUTANT).isPresent();
        assertThatThrownBy(() -> run(caught.getAsLong(), mutant))
                .hasMessageContaining("-D" + SEED + "=" + caught.getAsLong() + ")");
    }

    private static boolean isCaught(long seed, Mutant mutant) {
        try {
            new Simulation(seed, mutant).run();
            return false;
        } catch (AssertionError | IllegalStateException e) {
            return true;
        }
    }

    @Test
    void simulation_sameSeed_sameHistory() {
        for (long seed = 0; seed < 20; seed++) {
            String once = run(seed, Mutant.NONE).trace();
            assertThat(run(seed, Mutant.NONE).trace()).isEqualTo(once);
        }
    }
}
