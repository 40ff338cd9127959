package dev.sheaf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.farm.Farm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** docs/failure-table.md names tests that exist, and every test of a fault. */
final class FailureTableTest {
    private static final Pattern NAMED = Pattern.compile("`(\\w+(?:Test|IT))\\.(\\w+)`");
    private static final Pattern ROW = Pattern.compile("(?m)^\\| ([A-Z]\\d+) \\|.*$");

    private static final List<Class<?>> SUITE = List.of(
            AgentFaultsIT.class,
            ClientFaultsIT.class,
            CoordinatorFaultsIT.class,
            EngineFaultsIT.class,
            FarmFaultsIT.class,
            OutputFaultsIT.class,
            RegistryFaultsIT.class,
            RestartFaultsIT.class,
            StateFaultsIT.class,
            TakeoverFaultsIT.class);

    @Test
    void everyTestOfTheSuite_hasItsRow() throws IOException {
        List<String> missing = new ArrayList<>();
        String table = table();
        for (Class<?> type : SUITE) {
            Arrays.stream(type.getDeclaredMethods())
                    .filter(method -> method.isAnnotationPresent(Test.class))
                    .map(method -> type.getSimpleName() + "." + method.getName())
                    .filter(name -> !table.contains("`" + name + "`"))
                    .forEach(missing::add);
        }
        assertThat(missing).as("tests without a row in docs/failure-table.md").isEmpty();
    }

    @Test
    void everyRow_namesTestsThatExist_ofItsOwnLetterAndNumber() throws IOException {
        Map<String, String> sources = testSources();
        List<String> wrong = new ArrayList<>();
        ROW.matcher(table()).results().forEach(row -> {
            List<MatchResult> named = NAMED.matcher(row.group()).results().toList();
            if (named.isEmpty()) {
                wrong.add(row.group(1) + " names no test");
            }
            for (MatchResult test : named) {
                String source = sources.getOrDefault(test.group(1), "");
                if (!source.contains(" " + test.group(2) + "(")) {
                    wrong.add(row.group(1) + " names " + test.group() + ", which does not exist");
                }
                if (test.group(1).endsWith("FaultsIT") && !test.group(2).startsWith(row.group(1) + "_")) {
                    wrong.add(row.group(1) + " names " + test.group() + ", a test of another row");
                }
            }
        });
        assertThat(wrong).isEmpty();
    }

    @Test
    void suite_listsEveryClassOfFaults() throws IOException {
        TreeSet<String> found = new TreeSet<>();
        Path directory = Farm.root().resolve("cli/src/test/java/dev/sheaf/faults");
        try (Stream<Path> files = Files.list(directory)) {
            files.map(FailureTableTest::name)
                    .filter(name -> name.endsWith("FaultsIT.java"))
                    .forEach(name -> found.add(name.replace(".java", "")));
        }
        assertThat(SUITE.stream().map(Class::getSimpleName)).containsExactlyInAnyOrderElementsOf(found);
    }

    private static String table() throws IOException {
        return Files.readString(Farm.root().resolve("docs/failure-table.md"));
    }

    private static Map<String, String> testSources() throws IOException {
        TreeMap<String, String> sources = new TreeMap<>();
        for (String module : List.of("proto", "coordinator", "agent", "cli")) {
            try (Stream<Path> files = Files.walk(Farm.root().resolve(module).resolve("src/test/java"))) {
                for (Path file :
                        files.filter(path -> path.toString().endsWith(".java")).toList()) {
                    sources.put(name(file).replace(".java", ""), Files.readString(file));
                }
            }
        }
        return sources;
    }

    private static String name(Path file) {
        return Objects.requireNonNull(file.getFileName()).toString();
    }
}
