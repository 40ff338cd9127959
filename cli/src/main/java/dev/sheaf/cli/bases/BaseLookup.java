package dev.sheaf.cli.bases;

import dev.sheaf.cli.shell.Shell;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.ImageFormatException;
import dev.sheaf.image.ImageIndex;
import dev.sheaf.image.ImageManifest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.ManifestContent;
import dev.sheaf.image.registry.Registries;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RetryPolicy;
import dev.sheaf.v1.RegistryCredential;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Asks registries what references point to, with the user's logins. */
public final class BaseLookup implements AutoCloseable {
    /** Two tries: a registry that is away must not keep the build for long, which goes on without. */
    private static final int TRIES = 2;

    private static final Duration PAUSE = Duration.ofMillis(500);

    private final Supplier<Registries> opener;
    private final Map<String, RegistryCredential> credentials;
    private final Map<String, Registry> opened = new ConcurrentHashMap<>();
    private @Nullable Registries registries;

    public BaseLookup(Shell shell, Collection<RegistryCredential> credentials) {
        RetryPolicy retry = new RetryPolicy(TRIES, PAUSE, PAUSE, () -> 0, shell.sleeper()::sleep);
        // Only when there is something to ask: its HTTP client takes time to load.
        this.opener = () -> new Registries(retry, shell.clock(), Set.of());
        this.credentials = credentials.stream()
                .collect(Collectors.toMap(RegistryCredential::getRegistry, Function.identity(), (first, _) -> first));
    }

    /** What the reference points to now. The exception's message is one line. */
    public BaseImage find(BaseNeed need) throws IOException, InterruptedException {
        ImageReference reference = need.reference();
        Registry registry = opened.computeIfAbsent(reference.registry(), this::open);
        ManifestContent content = registry.get(reference.repository(), reference.target());
        try {
            if (content.mediaType().isIndex()) {
                List<Descriptor> images = ImageIndex.parse(content.bytes()).runnable();
                boolean saysAll =
                        images.stream().allMatch(image -> image.platform().isPresent());
                return new BaseImage(
                        reference,
                        content.digest(),
                        true,
                        saysAll
                                ? images.stream()
                                        .flatMap(image -> image.platform().stream())
                                        .toList()
                                : List.of());
            }
            Descriptor config = ImageManifest.parse(content.bytes()).config();
            return new BaseImage(
                    reference,
                    content.digest(),
                    false,
                    registry.config(reference.repository(), config).platform().stream()
                            .toList());
        } catch (ImageFormatException e) {
            throw new IOException(reference + " cannot be read: " + e.getMessage(), e);
        }
    }

    private Registry open(String name) {
        RegistryCredential login = credentials.get(name);
        if (login == null) {
            return registries().open(name, Credentials.ANONYMOUS);
        }
        return registries()
                .open(
                        name,
                        login.getIdentityToken().isEmpty()
                                ? new Credentials.Basic(login.getUsername(), login.getPassword())
                                : new Credentials.IdentityToken(login.getIdentityToken()));
    }

    private synchronized Registries registries() {
        if (registries == null) {
            registries = opener.get();
        }
        return registries;
    }

    @Override
    public synchronized void close() {
        if (registries != null) {
            registries.close();
        }
    }
}
