package dev.sheaf.coordinator.queue;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.SliceSnapshot;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.queue.api.Effect;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.MediaType;
import dev.sheaf.image.Platform;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What a coordinator asks of the registry, one request after another, as the real publisher does. */
final class SimPublisher {
    /** A request is given up after this time; the registry may do it later all the same. */
    private static final int REQUEST_LIMIT = 5_000;

    private static final int LATEST = 25_000;

    private final World world;
    private final SimRegistry registry;
    private final Invariants invariants;
    private final SimCoordinator coordinator;
    private Optional<Runnable> fatal = Optional.empty();
    private Optional<Runnable> sleep = Optional.empty();

    SimPublisher(World world, SimRegistry registry, Invariants invariants, SimCoordinator coordinator) {
        this.world = world;
        this.registry = registry;
        this.invariants = invariants;
        this.coordinator = coordinator;
    }

    /** The process will die while the next tag is on its way. */
    void crashWhileMoving(Runnable crash) {
        fatal = Optional.of(crash);
    }

    /** The process will sleep when it has asked where the next tag is, and not heard the answer. */
    void sleepBeforeMoving(Runnable pause) {
        sleep = Optional.of(pause);
    }

    void verify(Effect.Verify verify) {
        coordinator.later(100 + world.random.nextInt(3_000), () -> {
            Platform platform = verify.lease().slice().platform();
            Optional<Platform> found = registry.manifest(verify.digest());
            if (registry.fails()) {
                coordinator.step((queue, now) -> queue.verifyFailed(now, verify.lease(), trouble()));
            } else if (found.equals(Optional.of(platform)) || world.is(Mutant.NO_VERIFICATION)) {
                Descriptor manifest = Descriptor.of(MediaType.OCI_MANIFEST, verify.digest(), 500)
                        .withPlatform(platform);
                VerifiedSlice image = new VerifiedSlice(manifest, verify.digest(), List.of(manifest));
                coordinator.step((queue, now) -> queue.verified(now, verify.lease(), image));
            } else {
                Failure failure = Failure.of(Failure.Kind.VERIFICATION, "wrong platform");
                coordinator.step((queue, now) -> queue.verifyRefused(now, verify.lease(), failure));
            }
        });
    }

    /** The slices are still there; the index, under its digest; the gate; then the tags. */
    void publish(BuildSnapshot build, List<ImageReference> tags) {
        request(build.id(), () -> {
            SimRegistry.Index index = stitch(build);
            List<Platform> missing = index.manifests().entrySet().stream()
                    .filter(slice -> registry.manifest(slice.getValue()).isEmpty())
                    .map(Map.Entry::getKey)
                    .toList();
            if (!missing.isEmpty()) {
                Failure failure = Failure.of(Failure.Kind.REGISTRY, "the registry has lost what was verified");
                coordinator.step((queue, now) -> queue.publishIncomplete(now, build.id(), missing, failure));
                return;
            }
            request(build.id(), () -> {
                if (registry.put(index)) {
                    askGate(build, tags, index.digest());
                } else {
                    failed(build.id());
                }
            });
        });
    }

    private void askGate(BuildSnapshot build, List<ImageReference> tags, Digest index) {
        boolean isOpen = coordinator.queue.openTagGate(build.id(), index);
        long step = coordinator.commit();
        Runnable goOn = () -> {
            if (isOpen || world.is(Mutant.CANCEL_RACE) || world.is(Mutant.NO_COMPLETENESS)) {
                move(build, tags, index);
            } else {
                failed(build.id());
            }
        };
        if (world.is(Mutant.GATE_NOT_AWAITED)) {
            goOn.run();
        } else {
            coordinator.once(step, goOn);
        }
    }

    /** Moves the first of these tags, if it is not there yet, and goes on with the others. */
    private void move(BuildSnapshot build, List<ImageReference> tags, Digest index) {
        if (tags.isEmpty()) {
            Descriptor whole = Descriptor.of(MediaType.OCI_INDEX, index, 1_000);
            coordinator.step((queue, now) -> queue.published(now, build.id(), whole));
            return;
        }
        ImageReference tag = tags.getFirst();
        sleep.ifPresent(Runnable::run);
        sleep = Optional.empty();
        request(build.id(), () -> {
            if (registry.read(tag).equals(Optional.of(index))) {
                moved(build, tags, index);
                return;
            }
            if (!coordinator.leads()) {
                failed(build.id());
                return;
            }
            if (world.strikes(Fault.TAG_REFUSED, 8)) {
                registry.crash(); // what it has just confirmed may be broken
                coordinator.step((queue, now) -> queue.publishRefused(now, build.id(), trouble()));
                return;
            }
            invariants.tagMoves(build, tag, registry.index(index), coordinator.isLatest());
            put(tag, index, build.id(), () -> {
                if (registry.read(tag).equals(Optional.of(index))) {
                    moved(build, tags, index);
                } else {
                    failed(build.id());
                }
            });
        });
    }

    /** The first of these tags is at the index: that is known once it is kept. */
    private void moved(BuildSnapshot build, List<ImageReference> tags, Digest index) {
        ImageReference tag = tags.getFirst();
        if (!world.is(Mutant.FORGET_HALF_MOVED)) {
            coordinator.queue.tagMoved(world.instant(), build.id(), tag, index);
        }
        coordinator.once(coordinator.commit(), () -> invariants.tagSeen(build.id(), tag, index));
        move(build, tags.subList(1, tags.size()), index);
    }

    /** Sends a tag on its way. It arrives whatever becomes of the sender, perhaps late; the answer may get lost. */
    private void put(ImageReference tag, Digest index, BuildId build, Runnable done) {
        boolean isLate = world.strikes(Fault.TAG_LATE, 4);
        long takes = isLate ? world.random.nextInt(LATEST) : 1 + world.random.nextInt(200);
        world.at(takes, () -> {
            invariants.tagMoved(build, registry, index);
            registry.move(tag, index);
        });
        fatal.ifPresent(crash -> coordinator.later(world.random.nextInt(200), crash));
        boolean isLost = takes > REQUEST_LIMIT || world.strikes(Fault.ANSWER_LOST, 8);
        coordinator.later(isLost ? REQUEST_LIMIT : takes + 50, isLost ? () -> failed(build) : done);
    }

    void check(Effect.CheckTag check) {
        ImageReference tag = check.tag().tag();
        coordinator.later(50 + world.random.nextInt(500), () -> {
            boolean isOlder = registry.read(tag).filter(check.older()::contains).isPresent();
            boolean isWrong = isOlder || registry.isBroken(tag);
            if (!registry.fails() && isWrong && coordinator.leads() && !world.is(Mutant.NO_TAG_RECONCILE)) {
                put(tag, check.tag().index(), check.tag().build(), () -> {});
            }
        });
    }

    private void request(BuildId build, Runnable done) {
        coordinator.later(20 + world.random.nextInt(500), registryAnswers(build, done));
    }

    private Runnable registryAnswers(BuildId build, Runnable done) {
        return () -> {
            if (registry.fails()) {
                failed(build);
            } else {
                done.run();
            }
        };
    }

    private void failed(BuildId build) {
        coordinator.step((queue, now) -> queue.publishFailed(now, build, trouble()));
    }

    private static SimRegistry.Index stitch(BuildSnapshot build) {
        Map<Platform, Digest> manifests = new TreeMap<>();
        for (SliceSnapshot slice : build.slices()) {
            if (slice.state() instanceof SliceState.Built(var image) && image.isPresent()) {
                manifests.put(slice.id().platform(), image.get().pushed().digest());
            }
        }
        Digest digest = Digest.of(manifests.toString().getBytes(StandardCharsets.UTF_8));
        return new SimRegistry.Index(digest, build.id(), manifests);
    }

    private static Failure trouble() {
        return Failure.of(Failure.Kind.REGISTRY, "503");
    }
}
