package dev.sheaf.agent.engine.orphan;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What everybody may read about this machine's processes, where /proc is mounted as usual. BuildKit runs each step under
 * a random identifier, which names the step's control group and stands in the command line of the program that runs the
 * step and waits for it (runc). That program dies with its engine, the step does not.
 */
final class ProcessTable {

    /** cgroupfs: ".../buildkit/ID"; Docker Engine under systemd: ".../system.slice:docker:ID"; or a scope of systemd. */
    private static final Pattern STEP = Pattern.compile("(?m)[/:-]([0-9a-z]{25})(?:\\.scope)?(?:/|$)");

    private static final Pattern NUMBER = Pattern.compile("[1-9][0-9]{0,17}");
    private static final int MAX_BYTES = 1 << 20;

    private final Path proc;

    ProcessTable(Path proc) {
        this.proc = proc;
    }

    /**
     * The processes of each step, its first one first. None where processes of other users are hidden, for so is what
     * waits for a step; and not the step in which this program itself may run.
     */
    Map<String, List<Long>> steps() throws IOException {
        Map<String, List<Long>> steps = new LinkedHashMap<>();
        if (read(1, "cgroup").isEmpty()) {
            return steps;
        }
        for (long process : processes()) {
            step(process)
                    .ifPresent(id ->
                            steps.computeIfAbsent(id, _ -> new ArrayList<>()).add(process));
        }
        step(ProcessHandle.current().pid()).ifPresent(steps::remove);
        return steps;
    }

    /** The step that a process belongs to. */
    Optional<String> step(long process) {
        Matcher step = STEP.matcher(read(process, "cgroup"));
        return step.find() ? Optional.of(step.group(1)) : Optional.empty();
    }

    /** Leaves out the steps that a process outside of them names in its command line. */
    List<OrphanedStep> unattended(Map<String, List<Long>> steps) throws IOException {
        Map<String, List<Long>> left = new LinkedHashMap<>(steps);
        for (long process : left.isEmpty() ? List.<Long>of() : processes()) {
            String line = read(process, "cmdline");
            left.entrySet()
                    .removeIf(step ->
                            line.contains(step.getKey()) && !step.getValue().contains(process));
        }
        return left.entrySet().stream()
                .map(step -> new OrphanedStep(step.getKey(), step.getValue()))
                .toList();
    }

    /** What a process sees mounted. Empty: it is gone. */
    List<Mount> mounts(long process) {
        return Mount.parse(read(process, "mountinfo"));
    }

    /** What this program sees mounted. */
    List<Mount> mounts() throws IOException {
        return Mount.parse(text(proc.resolve("self/mountinfo")));
    }

    /** The name of a process's program, up to 15 characters; not its arguments, in which there may be secrets. */
    String name(long process) {
        return read(process, "comm").replaceAll("\\p{Cntrl}", "");
    }

    private List<Long> processes() throws IOException {
        List<Long> numbers = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(proc)) {
            for (Path entry : entries) {
                String name = entry.getFileName().toString();
                if (NUMBER.matcher(name).matches()) {
                    numbers.add(Long.parseLong(name));
                }
            }
        }
        Collections.sort(numbers);
        return numbers;
    }

    /** Empty once the process is gone, or where others' processes are hidden. */
    private String read(long process, String file) {
        try {
            return text(proc.resolve(Long.toString(process)).resolve(file));
        } catch (IOException e) {
            return "";
        }
    }

    /** Bounded: a command line may have megabytes. */
    private static String text(Path file) throws IOException {
        try (var in = Channels.newInputStream(Files.newByteChannel(file))) {
            return StandardCharsets.UTF_8
                    .decode(ByteBuffer.wrap(in.readNBytes(MAX_BYTES)))
                    .toString();
        }
    }
}
