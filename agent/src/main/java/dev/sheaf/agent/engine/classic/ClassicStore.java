package dev.sheaf.agent.engine.classic;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.exception.ConflictException;
import com.github.dockerjava.api.exception.NotFoundException;
import com.github.dockerjava.api.model.Image;
import dev.sheaf.agent.engine.docker.DockerSocket;
import dev.sheaf.v1.BuildSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What one agent keeps in the classic store of a Docker Engine, and only as long as it needs it. Its images are known by
 * a name of its own that each of them has, so that what a crash left is found, and other agents' and people's images are
 * not touched. Removing takes names away; an image goes when nobody else names it.
 */
public final class ClassicStore {

    /** What every result that came through it says. */
    public static final String DEGRADED =
            "classic image store: pushed under a temporary tag, no attestations, no variants";

    private static final Logger log = LoggerFactory.getLogger(ClassicStore.class);

    /** A slice does not wait longer for its image to be removed; the removal goes on. */
    private static final Duration REMOVAL = Duration.ofSeconds(2);

    private final String owner;
    private final RegistryTags tags;
    private final InstantSource clock;
    private final Duration patience;
    private final Set<String> inUse = ConcurrentHashMap.newKeySet();

    /**
     * The images of one agent.
     *
     * @param owner the agent's name
     * @param patience what the engine may take to answer
     */
    public ClassicStore(String owner, Set<String> insecureRegistries, InstantSource clock, Duration patience) {
        this.owner = owner;
        this.tags = new RegistryTags(clock, insecureRegistries);
        this.clock = clock;
        this.patience = patience;
    }

    /**
     * Names an image that is about to be built.
     *
     * @param attempt tells it from all others
     */
    public TemporaryImage image(Path socket, String attempt, BuildSpec spec, List<String> repositories) {
        TemporaryNames names = TemporaryNames.of(owner, attempt, spec, repositories);
        inUse.add(names.tag());
        return new TemporaryImage(socket, names, tags, clock, ended -> remove(socket, ended));
    }

    /** Removes what an earlier process of this agent left behind. */
    public void sweep(Path socket) throws IOException {
        String owned = TemporaryNames.owned(owner);
        try (DockerClient docker = DockerSocket.open(socket, patience, Optional.of(patience))) {
            for (Image image : docker.listImagesCmd().withReferenceFilter(owned).exec()) {
                List<String> names =
                        docker.inspectImageCmd(image.getId()).exec().getRepoTags();
                if (names != null) {
                    sweep(docker, owned + ":", names);
                }
            }
        } catch (NotFoundException e) {
            log.debug("an image went while it was looked at: {}", e.getMessage());
        } catch (RuntimeException e) {
            throw new IOException("Docker Engine at " + socket + " does not list its images: " + e.getMessage(), e);
        }
    }

    private void sweep(DockerClient docker, String owned, List<String> names) {
        for (String own : names) {
            String tag = own.startsWith(owned) ? own.substring(owned.length()) : "";
            if (tag.isEmpty() || inUse.contains(tag)) {
                continue;
            }
            log.info("removes the image {} that an earlier process left in the engine", own);
            // The name that tells whose it is goes last.
            names.stream()
                    .filter(name -> name.endsWith(":" + tag) && !name.equals(own))
                    .forEach(name -> remove(docker, name));
            remove(docker, own);
        }
    }

    private void remove(Path socket, TemporaryNames names) {
        Thread removal = Thread.ofVirtual().name("remove-" + names.tag()).start(() -> {
            try (DockerClient docker = DockerSocket.open(socket, patience, Optional.of(patience))) {
                names.all().reversed().forEach(name -> remove(docker, name));
            } catch (IOException | RuntimeException e) {
                log.debug("the image {} stays until the engine is looked at again: {}", names.owned(), e.getMessage());
            } finally {
                inUse.remove(names.tag());
            }
        });
        try {
            removal.join(REMOVAL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void remove(DockerClient docker, String name) {
        try {
            docker.removeImageCmd(name).exec();
        } catch (NotFoundException e) {
            log.debug("there is no image {}", name);
        } catch (ConflictException e) {
            log.debug("the image {} is in use: {}", name, e.getMessage());
        }
    }
}
