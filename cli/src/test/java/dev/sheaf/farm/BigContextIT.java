package dev.sheaf.farm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.architecture.Lab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What contexts cost that are large in files or in bytes: memory of each program, and bytes on the way. */
@Tag("lab")
final class BigContextIT {
    private static final int MEGABYTE = 1_000_000;
    private static final Pattern SENT = Pattern.compile("=> sent ([0-9,]+) bytes of context");

    /** Bytes that a program may have resident at its peak: three fifths of the larger context, which passes through. */
    private static final long CEILING = 300L * MEGABYTE;

    @TempDir
    private Path directory;

    private Farm farm;
    private Program amd64;
    private Program i386;

    @BeforeEach
    void startFarm() throws Exception {
        farm = Farm.start(directory);
        amd64 = farm.agent("amd64-1", "linux/amd64");
        i386 = farm.agent("386-1", "linux/386");
    }

    @AfterEach
    void stopFarm() {
        farm.close();
    }

    @Test
    void halfAGigabyte_travelsOnce_thenOnlyWhatChanged_inLittleMemory() throws Exception {
        String from = "FROM " + Lab.registry() + "/lab/busybox:1\n";
        Path context = farm.context(
                "Dockerfile", from + "COPY . /all\n", "part.Dockerfile", from + "COPY part /part\n", "part/one", "1");
        files(context.resolve("data"), 500, MEGABYTE);

        long part = build(context, "-f", context.resolve("part.Dockerfile").toString());
        long first = build(context);
        Files.writeString(context.resolve("data/7"), "changed".repeat(1_000));
        long second = build(context);

        assertThat(part).as("bytes sent for one small directory").isLessThan(MEGABYTE / 4);
        assertThat(first).as("bytes sent for two platforms").isBetween(500L * MEGABYTE, 500L * MEGABYTE + MEGABYTE / 4);
        assertThat(second).as("bytes sent after one change").isBetween(7_000L, 7_000L + MEGABYTE / 4);
        bounded();
    }

    @Test
    void twentyThousandFiles_inLittleMemory_theListAndOneFileTheSecondTime() throws Exception {
        Path context = farm.context("Dockerfile", "FROM " + Lab.registry() + "/lab/busybox:1\nCOPY . /all\n");
        files(context.resolve("many"), 20_000, 400);

        long first = build(context);
        Files.writeString(context.resolve("many/7"), "changed");
        long second = build(context);

        long list = first - 20_000L * 400;
        assertThat(list).as("bytes of the list").isBetween(0L, 20_000L * 150);
        // The Dockerfile went with the first list.
        assertThat(second).as("bytes sent after one change").isBetween(list - 1_000, list + 1_000);
        bounded();
    }

    /** Builds for both platforms; returns the bytes of context that the command line sent. */
    private long build(Path context, String... flags) throws Exception {
        String[] arguments = {
            "build",
            "--progress",
            "plain",
            "--platform",
            "linux/amd64,linux/386",
            "-t",
            Lab.registry() + "/it/big" + ProcessHandle.current().pid() + ":1",
            "--push"
        };
        String[] all = Stream.of(arguments, flags, new String[] {context.toString()})
                .flatMap(Stream::of)
                .toArray(String[]::new);
        long[] peak = {0};
        long start = System.nanoTime();
        try (Program build = farm.start(all)) {
            Program.await("the build ends", Duration.ofMinutes(10), () -> {
                peak[0] = Math.max(peak[0], build.peakResidentBytes());
                return !build.isAlive();
            });
            assertThat(build.await(Duration.ofSeconds(1))).as(build.err()).isZero();
            assertThat(peak[0]).as("peak of the command line").isBetween(1L, CEILING);
            Matcher sent = SENT.matcher(build.err());
            assertThat(sent.find()).as(build.err()).isTrue();
            long bytes = Long.parseLong(sent.group(1).replace(",", ""));
            System.out.printf(
                    "sheaf build: %,d bytes sent, peak %d MB, %d ms%n",
                    bytes,
                    peak[0] / MEGABYTE,
                    Duration.ofNanos(System.nanoTime() - start).toMillis());
            return bytes;
        }
    }

    private void bounded() {
        System.out.printf(
                "peak: coordinator %d MB, agents %d and %d MB%n",
                farm.coordinator().peakResidentBytes() / MEGABYTE,
                amd64.peakResidentBytes() / MEGABYTE,
                i386.peakResidentBytes() / MEGABYTE);
        for (Program program : new Program[] {farm.coordinator(), amd64, i386}) {
            assertThat(program.isAlive()).isTrue();
            assertThat(program.peakResidentBytes()).as("peak").isBetween(1L, CEILING);
        }
    }

    /** Files of this many bytes, named by number, no two alike. */
    private static void files(Path directory, int count, int bytes) throws IOException {
        Files.createDirectories(directory);
        for (int i = 0; i < count; i++) {
            String line = i + " " + ProcessHandle.current().pid() + " " + System.nanoTime() + "\n";
            String text = line.repeat(bytes / line.length() + 1).substring(0, bytes);
            Files.writeString(directory.resolve(Integer.toString(i)), text);
        }
    }
}
