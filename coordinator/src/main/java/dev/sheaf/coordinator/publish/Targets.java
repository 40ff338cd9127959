package dev.sheaf.coordinator.publish;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.dispatch.Attachments;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.ManifestContent;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.image.registry.RegistryException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The repositories that a build pushes to, each once, with the build's own credentials. */
public final class Targets {
    /** Names under which Docker Hub's logins are kept. */
    private static final List<String> HUB_NAMES =
            List.of("docker.io", "index.docker.io", "registry-1.docker.io", "https://index.docker.io/v1/");

    private Targets() {}

    /** One repository. */
    public record Target(Registry registry, ImageReference reference) {
        /** As the registry knows it. */
        public String repository() {
            return reference.repository();
        }

        /** What lies under a digest there, checked against it. */
        public ManifestContent get(Digest digest) throws RegistryException, InterruptedException {
            ManifestContent content = registry.get(repository(), digest.value());
            if (!content.digest().equals(digest)) {
                throw new RegistryException.Inconsistent(reference.name() + " answered for " + digest
                        + " with content of " + content.digest() + "; the registry's storage is damaged");
            }
            return content;
        }
    }

    /** All of a build. */
    public static List<Target> of(BuildId build, BuildRequest request, Attachments attachments, RegistryAccess access) {
        Map<String, Target> targets = new LinkedHashMap<>();
        for (ImageReference tag : request.tags()) {
            targets.computeIfAbsent(
                    tag.name(),
                    _ -> new Target(access.open(build, tag.registry(), credentials(tag.registry(), attachments)), tag));
        }
        return List.copyOf(targets.values());
    }

    /** The repository of one tag. */
    static Target of(BuildId build, ImageReference tag, Attachments attachments, RegistryAccess access) {
        return new Target(access.open(build, tag.registry(), credentials(tag.registry(), attachments)), tag);
    }

    private static Credentials credentials(String registry, Attachments attachments) {
        for (Attachments.Login login : attachments.logins()) {
            boolean hub = registry.equals("docker.io") && HUB_NAMES.contains(login.registry());
            if (hub || login.registry().equals(registry)) {
                return login.identityToken().isEmpty()
                        ? new Credentials.Basic(login.username(), login.password())
                        : new Credentials.IdentityToken(login.identityToken());
            }
        }
        return Credentials.ANONYMOUS;
    }
}
