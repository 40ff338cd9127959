package dev.sheaf.agent.engine.classic;

import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.ManifestContent;
import dev.sheaf.image.registry.Registries;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RegistryException;
import dev.sheaf.image.registry.RetryPolicy;
import dev.sheaf.v1.RegistryCredential;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes temporary tags out of registries again. */
final class RegistryTags {

    private static final Logger log = LoggerFactory.getLogger(RegistryTags.class);

    private final InstantSource clock;
    private final Set<String> insecureRegistries;

    RegistryTags(InstantSource clock, Set<String> insecureRegistries) {
        this.clock = clock;
        this.insecureRegistries = Set.copyOf(insecureRegistries);
    }

    /**
     * Removes a tag and sees that what it named can be had by its digest afterwards, as after a push by digest: some
     * registries forget what no tag names.
     *
     * @return whether the tag is gone; most registries keep it
     */
    boolean remove(ImageReference tagged, Digest digest, Optional<RegistryCredential> login)
            throws InterruptedException {
        RetryPolicy once = new RetryPolicy(1, Duration.ZERO, Duration.ZERO, () -> 0, _ -> {});
        try (Registries registries = new Registries(once, clock, insecureRegistries)) {
            Registry registry = registries.open(
                    tagged.registry(), login.map(RegistryTags::of).orElse(Credentials.ANONYMOUS));
            ManifestContent content = registry.get(tagged.repository(), digest.value());
            if (!registry.untag(tagged.repository(), tagged.tag().orElseThrow())) {
                return false;
            }
            if (registry.head(tagged.repository(), digest.value()).isEmpty()) {
                registry.put(tagged.repository(), digest.value(), content.mediaType(), content.bytes());
            }
            return true;
        } catch (RegistryException e) {
            // The image is there or not; who reads it back will see.
            log.debug("the temporary tag {} stays: {}", tagged, e.getMessage());
            return false;
        }
    }

    private static Credentials of(RegistryCredential login) {
        if (!login.getIdentityToken().isEmpty()) {
            return new Credentials.IdentityToken(login.getIdentityToken());
        }
        return new Credentials.Basic(login.getUsername(), login.getPassword());
    }
}
