package dev.sheaf.coordinator.publish;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.SliceSnapshot;
import dev.sheaf.coordinator.dispatch.BuildEvents;
import dev.sheaf.image.Platform;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.Registry;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Opens each registry of a build once, so that its tokens serve all of the build's calls. Credentials and tokens are
 * forgotten when the build ends, and are never shared between builds.
 */
public final class BuildRegistries implements RegistryAccess {
    private final Opener opener;
    private final Cache<BuildId, Map<Login, Registry>> builds;

    /** Opens a registry; sends nothing yet. */
    @FunctionalInterface
    public interface Opener {
        /** The registry of this name, called with these credentials. */
        Registry open(String registry, Credentials credentials);
    }

    private record Login(String registry, Credentials credentials) {}

    /** Opens with this, and remembers what it opened for at most so many builds at a time. */
    public BuildRegistries(Opener opener, int maxBuilds) {
        this.opener = opener;
        this.builds = Caffeine.newBuilder().maximumSize(maxBuilds).build();
    }

    @Override
    public Registry open(BuildId build, String registry, Credentials credentials) {
        Map<Login, Registry> opened = builds.getIfPresent(build);
        if (opened == null) {
            // Ended, or one build too many: works, and nothing is remembered.
            return opener.open(registry, credentials);
        }
        return opened.computeIfAbsent(new Login(registry, credentials), _ -> opener.open(registry, credentials));
    }

    /** How many builds something is remembered for. */
    long remembered() {
        builds.cleanUp();
        return builds.estimatedSize();
    }

    /** Hears which builds are open, and passes all on. */
    public BuildEvents hearing(BuildEvents next) {
        return new BuildEvents() {
            @Override
            public void buildChanged(BuildSnapshot build) {
                if (build.state().isTerminal()) {
                    builds.invalidate(build.id());
                } else {
                    builds.asMap().putIfAbsent(build.id(), new ConcurrentHashMap<>());
                }
                next.buildChanged(build);
            }

            @Override
            public void sliceChanged(SliceSnapshot slice) {
                next.sliceChanged(slice);
            }

            @Override
            public void notice(BuildId build, Optional<Platform> platform, String text) {
                next.notice(build, platform, text);
            }

            @Override
            public void buildForgotten(BuildId build) {
                next.buildForgotten(build);
            }
        };
    }
}
