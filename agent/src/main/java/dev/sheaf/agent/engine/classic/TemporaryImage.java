package dev.sheaf.agent.engine.classic;

import com.github.dockerjava.api.DockerClient;
import com.github.dockerjava.api.async.ResultCallbackTemplate;
import com.github.dockerjava.api.model.AuthConfig;
import com.github.dockerjava.api.model.PushResponseItem;
import dev.sheaf.agent.engine.docker.DockerSocket;
import dev.sheaf.agent.engine.login.Logins;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.RegistryCredential;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What one attempt builds in the classic store: its names there, its push, and its end. */
public final class TemporaryImage implements AutoCloseable {

    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final String DOCKER_HUB = "docker.io";

    private final Path socket;
    private final TemporaryNames names;
    private final RegistryTags tags;
    private final InstantSource clock;
    private final Consumer<TemporaryNames> onClose;

    TemporaryImage(
            Path socket,
            TemporaryNames names,
            RegistryTags tags,
            InstantSource clock,
            Consumer<TemporaryNames> onClose) {
        this.socket = socket;
        this.names = names;
        this.tags = tags;
        this.clock = clock;
        this.onClose = onClose;
    }

    /** All names that the exporter is to give. */
    public List<String> names() {
        return names.all();
    }

    /** Tells the user what this engine does not do; before the build begins. */
    public void announce(BuildSpec spec, Consumer<Progress> listener) {
        PushProgress step = PushProgress.begin("degraded: classic image store, tag " + names.tag(), clock, listener);
        if (!spec.getProvenance().isEmpty()) {
            step.warn("built without provenance: the classic image store of this agent's Docker Engine keeps none; give"
                    + " it the containerd store or a BuildKit");
        }
        step.end("");
    }

    /**
     * Pushes to each repository under the temporary tag, and removes that where the registry allows it. Interrupting
     * ends the push.
     *
     * @param lost completed with the reason when the engine is given up
     * @return the digest, which is the same everywhere
     */
    public Digest push(
            List<RegistryCredential> credentials, Consumer<Progress> listener, CompletableFuture<String> lost)
            throws PushFailure, InterruptedException {
        Digest digest = null;
        for (String repository : names.repositories()) {
            ImageReference target = ImageReference.parse(repository).withTag(names.tag());
            Optional<RegistryCredential> login = Logins.find(credentials, target.registry());
            PushProgress step = PushProgress.begin("pushing " + target, clock, listener);
            try {
                Digest pushed = push(target, login, step, lost);
                if (digest != null && !digest.equals(pushed)) {
                    throw PushFailure.ofEngine("the engine pushed " + pushed + " to " + repository + " and " + digest
                            + " to another repository; give it the containerd store");
                }
                digest = pushed;
                if (!tags.remove(target, pushed, login)) {
                    step.line("the registry keeps the temporary tag " + names.tag());
                }
            } catch (PushFailure e) {
                step.end(String.valueOf(e.getMessage()));
                throw e;
            }
            step.end("");
        }
        if (digest == null) {
            throw new IllegalStateException("no repository to push to");
        }
        return digest;
    }

    /** Takes the names away, and with the last one the image. */
    @Override
    public void close() {
        onClose.accept(names);
    }

    private Digest push(
            ImageReference target,
            Optional<RegistryCredential> login,
            PushProgress step,
            CompletableFuture<String> lost)
            throws PushFailure, InterruptedException {
        // However long a registry takes to keep a layer: the engine is asked on another way whether it is there.
        try (DockerClient docker = DockerSocket.open(socket, CONNECT, Optional.empty());
                Push push = new Push(target, step)) {
            docker.pushImageCmd(target.name())
                    .withTag(names.tag())
                    .withAuthConfig(auth(target.registry(), login))
                    .exec(push);
            CompletableFuture.anyOf(push.ended, lost).get();
            if (!push.ended.isDone()) {
                throw PushFailure.ofEngine(lost.join());
            }
            return push.digest();
        } catch (ExecutionException e) {
            throw PushFailure.ofEngine("the engine ended the push: "
                    + (e.getCause() == null ? "it is gone" : e.getCause().getMessage()));
        } catch (IOException | RuntimeException e) {
            throw PushFailure.ofEngine("the engine does not push: " + e.getMessage());
        }
    }

    /** The build's own login, or none: without any, the library would look for one of this machine. */
    private static AuthConfig auth(String registry, Optional<RegistryCredential> login) {
        AuthConfig auth = new AuthConfig()
                .withRegistryAddress(registry.equals(DOCKER_HUB) ? AuthConfig.DEFAULT_SERVER_ADDRESS : registry);
        login.ifPresent(known -> {
            if (known.getIdentityToken().isEmpty()) {
                auth.withUsername(known.getUsername()).withPassword(known.getPassword());
            } else {
                auth.withIdentityToken(known.getIdentityToken());
            }
        });
        return auth;
    }

    /** Hears the engine push. */
    private static final class Push extends ResultCallbackTemplate<Push, PushResponseItem> {

        private final CompletableFuture<Boolean> ended = new CompletableFuture<>();
        private final ImageReference target;
        private final PushProgress step;
        private volatile String digest = "";
        private volatile String error = "";

        Push(ImageReference target, PushProgress step) {
            this.target = target;
            this.step = step;
        }

        @Override
        public void onNext(PushResponseItem item) {
            String said = error(item);
            if (said != null && error.isEmpty()) {
                error = said;
            }
            if (item.getAux() != null && item.getAux().getDigest() != null) {
                digest = item.getAux().getDigest();
            }
            step.layer(item);
        }

        @Override
        public void onError(Throwable thrown) {
            super.onError(thrown);
            ended.completeExceptionally(thrown);
        }

        @Override
        public void onComplete() {
            super.onComplete();
            ended.complete(true);
        }

        Digest digest() throws PushFailure {
            if (!error.isEmpty()) {
                throw PushFailure.ofRegistry(target.name(), error);
            }
            if (digest.isEmpty()) {
                throw PushFailure.ofEngine("the engine ended the push without saying what it pushed");
            }
            return Digest.parse(digest);
        }

        private static @Nullable String error(PushResponseItem item) {
            return item.getErrorDetail() == null ? null : item.getErrorDetail().getMessage();
        }
    }
}
