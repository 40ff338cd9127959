package dev.sheaf.farm;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** One of Sheaf's programs, started through its launcher, with what it printed. */
public final class Program implements AutoCloseable {
    private static final long POLL_MILLIS = 20;

    private final String name;
    private final Process process;
    private final Path out;
    private final Path err;

    private Program(String name, Process process, Path out, Path err) {
        this.name = name;
        this.process = process;
        this.out = out;
        this.err = err;
    }

    public static Program start(Path directory, String name, List<String> command, Map<String, String> environment)
            throws IOException {
        return start(directory, name, command, environment, ProcessBuilder.Redirect.PIPE);
    }

    /** The same with this on its standard input. */
    static Program start(
            Path directory,
            String name,
            List<String> command,
            Map<String, String> environment,
            ProcessBuilder.Redirect input)
            throws IOException {
        Path out = Files.createTempFile(directory, name, ".out");
        Path err = Files.createTempFile(directory, name, ".err");
        // A test run that was itself started in the background ignores SIGINT, and its children would too.
        List<String> hearing = new ArrayList<>(List.of("env", "--default-signal=INT,TERM"));
        hearing.addAll(command);
        ProcessBuilder builder = new ProcessBuilder(hearing)
                .directory(directory.toFile())
                .redirectInput(input)
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().putAll(environment);
        return new Program(name, builder.start(), out, err);
    }

    public String out() {
        return read(out);
    }

    public String err() {
        return read(err);
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    public int await(Duration limit) throws InterruptedException {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new AssertionError(name + " still runs after " + limit + "\n" + out() + err());
        }
        return process.exitValue();
    }

    /** Waits until one of its outputs holds the pattern. */
    public Matcher awaitLine(Pattern pattern, Duration limit) throws InterruptedException {
        Matcher[] found = new Matcher[1];
        await(name + " prints " + pattern, limit, () -> {
            found[0] = pattern.matcher(out() + err());
            return found[0].find() || !isAlive();
        });
        Matcher matcher = pattern.matcher(out() + err());
        if (!matcher.find()) {
            throw new AssertionError(name + " ended without printing " + pattern + "\n" + out() + err());
        }
        return matcher;
    }

    /** SIGINT, as Ctrl-C sends it. */
    public void interrupt() throws IOException, InterruptedException {
        signal("-INT");
    }

    /** SIGTERM, as service managers send it. */
    public void terminate() throws IOException, InterruptedException {
        signal("-TERM");
    }

    public void kill9() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /** Sends "-STOP", "-CONT", "-TERM" and the like. */
    public void signal(String signal) throws IOException, InterruptedException {
        new ProcessBuilder("kill", signal, Long.toString(pid()))
                .inheritIO()
                .start()
                .waitFor();
    }

    /** Peak resident memory so far in bytes, from /proc. */
    public long peakResidentBytes() {
        Matcher matcher =
                Pattern.compile("VmHWM:\\s+(\\d+) kB").matcher(read(Path.of("/proc", Long.toString(pid()), "status")));
        return matcher.find() ? Long.parseLong(matcher.group(1)) * 1024 : 0;
    }

    /** Processor time that it took so far, from /proc. */
    public Duration processorTime() {
        // Behind the name, which may hold blanks: user and system time are the fields 14 and 15, in hundredths of
        // seconds.
        String stat = read(Path.of("/proc", Long.toString(pid()), "stat"));
        String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1);
        return Duration.ofMillis(10 * (Long.parseLong(fields[11]) + Long.parseLong(fields[12])));
    }

    public static void await(String what, Duration limit, BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("not within " + limit + ": " + what);
            }
            Thread.sleep(POLL_MILLIS);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            return "";
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                kill9();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
