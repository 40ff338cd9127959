package dev.sheaf.agent.engine.orphan;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An engine that is killed in mid-build leaves the running step behind, which takes this machine's processors and memory
 * for nobody, and which no engine lists or ends when it is back. Here it is found and ended. For that the agent must be
 * root or have CAP_KILL; if not, it says what is left.
 */
public final class OrphanedSteps {
    private static final Logger log = LoggerFactory.getLogger(OrphanedSteps.class);

    /** How long the kernel may take to end what was killed. */
    private static final Duration END = Duration.ofSeconds(2);

    private static final int MAX_NAMED = 5;

    /** Every step has files of its engine mounted: below this directory of a Docker Engine's data. */
    private static final String DOCKERS = "/buildkit/executor";

    /** Below such a directory of a buildkitd, wherever its root is. */
    private static final Pattern BUILDKITS = Pattern.compile(".*/runc-[a-z-]+/executor/[^/]+");

    private final ProcessTable table;

    /** On this machine. */
    public OrphanedSteps() {
        this(new ProcessTable(Path.of("/proc")));
    }

    OrphanedSteps(ProcessTable table) {
        this.table = table;
    }

    /**
     * Ends what an engine left. Its running steps and those of other engines are not touched.
     *
     * @param data the directory of a Docker Engine's data. Empty: it is a buildkitd, which does not say where it keeps
     *     its own; then what any buildkitd of this machine left counts
     * @return what is left all the same and, after its last "; ", what to do: one line for people. Empty: nothing
     */
    public String sweep(String data) throws InterruptedException {
        List<OrphanedStep> left = new ArrayList<>();
        for (OrphanedStep orphan : find(data)) {
            if (!end(orphan)) {
                left.add(orphan);
            }
        }
        return left.isEmpty() ? "" : words(left);
    }

    List<OrphanedStep> find(String data) {
        try {
            Map<String, List<Long>> steps = table.steps();
            if (steps.isEmpty()) {
                return List.of();
            }
            Optional<Mount.Place> executor =
                    data.isEmpty() ? Optional.empty() : Mount.place(table.mounts(), data + DOCKERS);
            return table.unattended(steps).stream()
                    .filter(step -> step.processes().stream()
                            .anyMatch(process -> table.mounts(process).stream()
                                    .anyMatch(mount -> data.isEmpty() ? isBuildKits(mount) : isIn(executor, mount))))
                    .toList();
        } catch (IOException e) {
            log.debug("the processes of this machine cannot be read: {}", e.getMessage());
            return List.of();
        }
    }

    private static boolean isIn(Optional<Mount.Place> executor, Mount mount) {
        return executor.isPresent()
                && mount.device().equals(executor.get().device())
                && mount.root().startsWith(executor.get().path() + "/");
    }

    private static boolean isBuildKits(Mount mount) {
        return BUILDKITS.matcher(mount.root()).matches();
    }

    /** Whether it has ended. */
    private boolean end(OrphanedStep step) throws InterruptedException {
        String words = words(step);
        List<CompletableFuture<ProcessHandle>> ends = step.processes().stream()
                .flatMap(process -> ProcessHandle.of(process).stream())
                // A number may be another process's by now; a handle is never.
                .filter(process -> table.step(process.pid()).equals(Optional.of(step.id())))
                .filter(ProcessHandle::isAlive)
                // The first one's end is the end of all: it may be faster than we are.
                .map(process -> process.destroyForcibly() || !process.isAlive()
                        ? process.onExit()
                        : CompletableFuture.<ProcessHandle>failedFuture(new SecurityException("not permitted")))
                .toList();
        try {
            CompletableFuture.allOf(ends.toArray(CompletableFuture[]::new)).get(END.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            log.debug("{} goes on: {}", words, e.toString());
            return false;
        }
        log.warn("ended a step of a build that had outlived its engine: {}", words);
        return true;
    }

    private String words(List<OrphanedStep> left) {
        List<OrphanedStep> named = left.subList(0, Math.min(left.size(), MAX_NAMED));
        return "a build's step that outlived its engine still runs: "
                + named.stream().map(this::words).collect(Collectors.joining(", "))
                + (left.size() > named.size() ? " and " + (left.size() - named.size()) + " more" : "")
                + "; end it with kill -9"
                + named.stream().map(step -> " " + step.processes().getFirst()).collect(Collectors.joining())
                + ", or give the agent CAP_KILL";
    }

    private String words(OrphanedStep step) {
        long first = step.processes().getFirst();
        return "process " + first + " (" + table.name(first) + ")";
    }
}
