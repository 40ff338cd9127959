package dev.sheaf.cli.bases;

import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.dockerfile.BuildSelection;
import dev.sheaf.dockerfile.Dockerfile;
import dev.sheaf.dockerfile.DockerfileException;
import dev.sheaf.v1.BasePin;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * What the bases of one build are, resolved once for all its platforms.
 *
 * @param images resolved
 * @param unresolved why others are not, one line each
 */
public record BaseResolution(List<BaseImage> images, List<String> unresolved) {
    /** The longest that a build waits for registries; what is not known then stays open. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    public BaseResolution {
        images = List.copyOf(images);
        unresolved = List.copyOf(unresolved);
    }

    /** Asks what a reference points to. */
    @FunctionalInterface
    public interface Lookup {
        /** The exception's message is one line. */
        BaseImage find(BaseNeed need) throws IOException, InterruptedException;
    }

    /** For a Dockerfile that is at hand; refuses bases that cannot serve the build. */
    public static BaseResolution of(String dockerfile, BuildSelection wanted, LockWish lock, Lookup lookup)
            throws CliException, InterruptedException {
        List<BaseNeed> needs;
        try {
            needs = BaseNeed.of(Dockerfile.parse(dockerfile), wanted);
        } catch (DockerfileException e) {
            if (lock instanceof LockWish.None) {
                // The engine may know more, or says it better: with the lines around.
                return new BaseResolution(
                        List.of(), List.of("the base images are not pinned: Dockerfile: " + e.getMessage()));
            }
            throw CliException.user("Dockerfile: " + e.getMessage());
        }
        BaseResolution resolution = switch (lock) {
            case LockWish.Read(Path file) -> locked(needs, file);
            case LockWish.Write _, LockWish.None _ -> asked(needs, lookup);
        };
        Map<BaseNeed, String> shortcomings = resolution.shortcomings(needs);
        if (!shortcomings.isEmpty()) {
            Map.Entry<BaseNeed, String> first =
                    shortcomings.entrySet().iterator().next();
            throw CliException.user("Dockerfile line " + first.getKey().line() + ": " + first.getValue());
        }
        if (lock instanceof LockWish.Write(Path file)) {
            resolution.write(file);
        }
        return resolution;
    }

    /** Why those that are resolved cannot serve, one line each without the line of the Dockerfile. */
    public Map<BaseNeed, String> shortcomings(List<BaseNeed> needs) {
        Map<BaseNeed, String> found = new LinkedHashMap<>();
        for (BaseNeed need : needs) {
            find(need).flatMap(image -> image.shortcoming(need)).ifPresent(why -> found.put(need, why));
        }
        return found;
    }

    /** The pins for the build's specification. */
    public List<BasePin> pins() {
        return images.stream().map(BaseImage::pin).toList();
    }

    private Optional<BaseImage> find(BaseNeed need) {
        return images.stream()
                .filter(image -> image.reference().equals(need.reference()))
                .findFirst();
    }

    private void write(Path file) throws CliException {
        if (!unresolved.isEmpty()) {
            throw new CliException(
                    ExitCode.REGISTRY, "the lock file " + file + " is not written: " + unresolved.getFirst());
        }
        LockFile.write(file, images);
    }

    private static BaseResolution locked(List<BaseNeed> needs, Path file) throws CliException {
        Map<String, BaseImage> known = LockFile.read(file);
        List<BaseImage> images = new ArrayList<>();
        for (BaseNeed need : needs) {
            BaseImage image = known.get(need.reference().toString());
            if (image != null) {
                images.add(image);
            } else if (need.reference().digest().isEmpty()) {
                throw CliException.user(file + " does not name " + need.reference() + " (Dockerfile line " + need.line()
                        + "); write it again with --write-lock");
            }
        }
        return new BaseResolution(images, List.of());
    }

    /** Asks for what is needed, and refuses nothing. */
    public static BaseResolution asked(List<BaseNeed> needs, Lookup lookup) throws InterruptedException {
        Map<BaseNeed, Future<BaseImage>> answers = new LinkedHashMap<>();
        ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
        try {
            List<Callable<BaseImage>> questions = new ArrayList<>();
            needs.forEach(need -> questions.add(() -> lookup.find(need)));
            List<Future<BaseImage>> futures = threads.invokeAll(questions, PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
            for (int at = 0; at < needs.size(); at++) {
                answers.put(needs.get(at), futures.get(at));
            }
        } finally {
            threads.shutdownNow();
        }
        List<BaseImage> images = new ArrayList<>();
        List<String> unresolved = new ArrayList<>();
        for (Map.Entry<BaseNeed, Future<BaseImage>> answer : answers.entrySet()) {
            String reference = answer.getKey().reference().toString();
            try {
                images.add(answer.getValue().get());
            } catch (CancellationException _) {
                unresolved.add(
                        notPinned(reference, "its registry did not answer within " + PATIENCE.toSeconds() + " s"));
            } catch (ExecutionException e) {
                Throwable cause = e.getCause() == null ? e : e.getCause();
                unresolved.add(notPinned(reference, String.valueOf(cause.getMessage())));
            }
        }
        return new BaseResolution(images, unresolved);
    }

    private static String notPinned(String reference, String why) {
        return "the base " + reference + " is not pinned, each engine resolves it by itself: " + why;
    }
}
