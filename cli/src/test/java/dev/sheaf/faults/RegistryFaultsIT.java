package dev.sheaf.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import dev.sheaf.architecture.Lab;
import dev.sheaf.faults.chaos.ChaosProxy;
import dev.sheaf.faults.chaos.ChaosRegistry;
import dev.sheaf.faults.chaos.ChaosRegistry.Reply;
import dev.sheaf.faults.chaos.ChaosRegistry.Rule;
import dev.sheaf.faults.chaos.ChaosRegistry.Seen;
import dev.sheaf.faults.chaos.LabPart;
import dev.sheaf.faults.oracle.TagReader;
import dev.sheaf.v1.Build;
import dev.sheaf.v1.BuildState;
import dev.sheaf.v1.FailureClass;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Rows R: the registry refuses, stalls, lies, forgets and dies while an image is pushed, verified and published. */
final class RegistryFaultsIT extends FaultsFixture {
    private static final String MANIFEST = "/v2/.*/manifests/.*";
    private static final String BY_DIGEST = "/v2/.*/manifests/sha256:.*";
    /** BuildKit and others give up after seconds. */
    private static final Duration OUTAGE = Duration.ofMinutes(2);

    private static final Duration LONGEST = OUTAGE.plus(LONG);
    private static final String TAG = "/v2/.*/manifests/1";

    private Site site;
    /** Of the last command line. */
    private int exit;

    @BeforeEach
    void begin() throws Exception {
        Lab.dockerHost();
        site = open();
        site.agent("a", AMD64);
    }

    private ChaosRegistry chaos() throws Exception {
        return chaos(Lab.registry());
    }

    private ChaosRegistry chaos(String registry) throws Exception {
        ChaosRegistry chaos = site.owns(ChaosRegistry.before(registry));
        site.standsFor(chaos.address(), registry);
        return chaos;
    }

    /** Small, and like no other: nothing of it is in the registry or in the engine's cache. */
    private Build build(String image) throws Exception {
        Site.Running build =
                site.build(image, AMD64, "FROM scratch\nLABEL unlike.any=" + image + "\nCOPY Dockerfile /\n");
        Build end = site.api().awaitEnd(build.id(), LONGEST);
        exit = build.cli().await(LONG);
        return end;
    }

    private void assertSucceeded(Build end) throws Exception {
        assertThat(end.getState()).as(end.getFailure().getMessage()).isEqualTo(BuildState.BUILD_STATE_SUCCEEDED);
        site.judge();
    }

    private void assertFailed(Build end, FailureClass kind, String... words) throws Exception {
        assertThat(end.getState()).isEqualTo(BuildState.BUILD_STATE_FAILED);
        assertThat(end.getFailure().getMessage()).contains(words);
        assertThat(end.getFailure().getKind()).isEqualTo(kind);
        site.judge();
    }

    @Test
    void R1_tokenExpiresBeforeTheTagMoves_oneNewTokenIsFetched() throws Exception {
        ChaosRegistry chaos = chaos();
        AtomicInteger valid = new AtomicInteger(1);
        Rule tokens = chaos.on(
                "GET|POST",
                "/token.*",
                1_000,
                (_, _) -> new Reply(
                        200,
                        Map.of("Content-Type", List.of("application/json")),
                        ByteString.copyFromUtf8("{\"token\":\"t" + valid + "\",\"access_token\":\"t" + valid
                                + "\",\"expires_in\":300}"),
                        Integer.MAX_VALUE));
        AtomicInteger expired = new AtomicInteger();
        chaos.on(".*", "/v2/.*", 10_000, (request, upstream) -> {
            if (request.header("Authorization").equals("Bearer t" + valid)) {
                if (request.method().equals("PUT")
                        && request.path().matches(BY_DIGEST)
                        && request.header("User-Agent").startsWith("Java")) {
                    Reply reply = upstream.ask();
                    valid.incrementAndGet();
                    return reply;
                }
                return upstream.ask();
            }
            if (request.header("Authorization").startsWith("Bearer")) {
                expired.incrementAndGet();
            }
            return Reply.error(401, "UNAUTHORIZED", "authentication required")
                    .with(
                            "WWW-Authenticate",
                            "Bearer realm=\"http://" + chaos.address() + "/token\",service=\"registry\"");
        });
        site.logIn(chaos.address(), "ann", "pw");

        assertSucceeded(build(Site.image(chaos.address())));
        assertThat(expired).as("requests with an expired token").hasPositiveValue();
        assertThat(tokens.hits()).as("tokens fetched").isBetween(2, 30);
    }

    @Test
    void R2_pushOfTheTagIsDenied_oneTryAndItsWords() throws Exception {
        ChaosRegistry chaos = chaos();
        Rule denied = chaos.on("PUT", TAG, 100, (_, _) -> Reply.error(403, "DENIED", "acme may not push here"));

        Build end = build(Site.image(chaos.address()));

        // The same login has just pushed the same bytes by digest: another one would not help.
        assertFailed(end, FailureClass.FAILURE_CLASS_REGISTRY, "acme may not push here", "may be immutable");
        assertThat(exit).isEqualTo(76);
        assertThat(denied.hits()).isEqualTo(1);
    }

    @Test
    void R2_pushOfTheSliceIsDenied_oneAttempt() throws Exception {
        ChaosRegistry chaos = chaos();
        Rule denied = chaos.on("PUT", BY_DIGEST, 100, (_, _) -> Reply.error(403, "DENIED", "acme may not push here"));

        Build end = build(Site.image(chaos.address()));

        assertFailed(end, FailureClass.FAILURE_CLASS_AUTHENTICATION, "403");
        assertThat(exit).isEqualTo(77);
        assertThat(end.getSlices(0).getAttempt()).isEqualTo(1);
        assertThat(denied.hits()).isPositive();
    }

    @Test
    void R3_uploadSessionIsLost_buildSucceeds() throws Exception {
        ChaosRegistry chaos = chaos();
        Rule lost = chaos.on(
                "PATCH|PUT",
                "/v2/.*/blobs/uploads/.*",
                1,
                (_, _) -> Reply.error(404, "BLOB_UPLOAD_UNKNOWN", "unknown"));

        assertSucceeded(build(Site.image(chaos.address())));
        assertThat(lost.hits()).isEqualTo(1);
    }

    @Test
    void R4_tooManyRequests_theStatedPauseIsKept() throws Exception {
        ChaosRegistry chaos = chaos();
        Rule busy = chaos.on(
                "PUT",
                TAG,
                2,
                (_, _) -> Reply.error(429, "TOOMANYREQUESTS", "slow down").with("Retry-After", "4"));

        assertSucceeded(build(Site.image(chaos.address())));
        assertThat(busy.hits()).isEqualTo(2);
        List<Seen> puts = chaos.seen("PUT", TAG);
        for (int i = 1; i < puts.size(); i++) {
            assertThat(Duration.ofNanos(puts.get(i).nanos() - puts.get(i - 1).nanos()))
                    .isGreaterThanOrEqualTo(Duration.ofSeconds(4));
        }
        assertThat(puts).hasSize(3);
    }

    @Test
    void R4_retryAfterThatMeansNothing_isTakenAsAbsent() throws Exception {
        ChaosRegistry chaos = chaos();
        String[] nonsense = {"-1", "soon", "1e3", ""};
        AtomicInteger next = new AtomicInteger();
        Rule busy = chaos.on(
                "PUT",
                TAG,
                nonsense.length,
                (_, _) -> Reply.error(429, "TOOMANYREQUESTS", "slow down")
                        .with("Retry-After", nonsense[next.getAndIncrement()]));

        assertSucceeded(build(Site.image(chaos.address())));
        assertThat(busy.hits()).isEqualTo(nonsense.length);
    }

    @Test
    void R5_registryDownFor120sAtTheTag_buildSucceeds() throws Exception {
        LabPart registry = site.owns(LabPart.registry("r5-"));
        ChaosRegistry chaos = chaos(registry.address());
        AtomicReference<Thread> healer = new AtomicReference<>();
        Rule down = chaos.on("PUT", TAG, 1, (_, upstream) -> {
            registry.kill();
            healer.set(Thread.startVirtualThread(() -> {
                try {
                    Thread.sleep(OUTAGE);
                    registry.start();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }));
            return upstream.ask();
        });

        Build end = build(Site.image(chaos.address()));

        healer.get().join();
        assertThat(down.hits()).isEqualTo(1);
        assertThat(chaos.seen(".*", MANIFEST).stream().filter(seen -> seen.status() == 502))
                .as("requests that met no registry")
                .isNotEmpty();
        assertThat(end.getSlices(0).getAttempt()).isEqualTo(1);
        assertSucceeded(end);
    }

    @Test
    void R6_registryStalls_isAskedAgainWithin35s() throws Exception {
        ChaosRegistry chaos = chaos();
        Rule stall = chaos.on("PUT", TAG, 1, (_, upstream) -> {
            Thread.sleep(60_000);
            return upstream.ask();
        });

        assertSucceeded(build(Site.image(chaos.address())));
        assertThat(stall.hits()).isEqualTo(1);
    }

    @Test
    void R7_uploadIsCutOff_pushIsResumedOrRepeated() throws Exception {
        ChaosProxy proxy = site.owns(ChaosProxy.before(Lab.registry()));
        site.standsFor(proxy.address(), Lab.registry());
        proxy.resetAfter(ChaosProxy.Direction.TO_SERVER, 2_000_000);
        String image = Site.image(proxy.address());
        Site.Running build = site.build(
                image,
                AMD64,
                "FROM " + Lab.busybox() + "\nRUN echo " + image + "; head -c 6000000 /dev/urandom > /noise\n");

        Build end = site.api().awaitEnd(build.id(), LONG);

        assertThat(proxy.resets()).isEqualTo(1);
        assertSucceeded(end);
    }

    @Test
    void R8_manifestIsNotWhatItsDigestSays_nothingIsPublished() throws Exception {
        ChaosRegistry chaos = chaos();
        Rule lie = chaos.on("GET", BY_DIGEST, 1_000, (_, upstream) -> {
            Reply reply = upstream.ask();
            return reply.withBody(reply.body().toStringUtf8().replace("\"schemaVersion\"", "\"schemaversion\""));
        });

        Build end = build(Site.image(chaos.address()));

        assertThat(lie.hits()).isPositive();
        assertFailed(end, FailureClass.FAILURE_CLASS_VERIFICATION, "sha256:");
        assertThat(chaos.seen("PUT", TAG)).isEmpty();
    }

    @Test
    void R8_pushShowsLate_isWaitedFor() throws Exception {
        ChaosRegistry chaos = chaos();
        AtomicInteger reads = new AtomicInteger();
        Rule late = chaos.on("GET|HEAD", BY_DIGEST, 1_000, (request, upstream) -> {
            boolean isOurs = request.header("User-Agent").startsWith("Java");
            return isOurs && reads.getAndIncrement() < 2
                    ? Reply.error(404, "MANIFEST_UNKNOWN", "manifest unknown")
                    : upstream.ask();
        });

        assertSucceeded(build(Site.image(chaos.address())));
        assertThat(late.hits()).isPositive();
        assertThat(reads).hasValueGreaterThan(2);
    }

    @Test
    void R9_registryKilledWhileTagsMove_everyTagIsRightAfterwards() throws Exception {
        LabPart registry = site.owns(LabPart.registry("r9-"));
        ChaosRegistry chaos = chaos(registry.address());
        AtomicInteger kills = new AtomicInteger();
        for (int round = 0; round < 6; round++) {
            int pause = round * 2;
            Rule kill = chaos.on("PUT", TAG, 1, (_, upstream) -> {
                Thread killer = Thread.startVirtualThread(() -> {
                    try {
                        Thread.sleep(pause);
                        registry.kill();
                        registry.start();
                    } catch (InterruptedException e) {
                        Thread.currentThread().interrupt();
                    }
                });
                try {
                    return upstream.ask();
                } finally {
                    killer.join();
                    kills.incrementAndGet();
                }
            });
            Build end = build(Site.image(chaos.address()));
            assertThat(kill.hits()).isEqualTo(1);
            assertThat(end.getState()).as(end.getFailure().getMessage()).isEqualTo(BuildState.BUILD_STATE_SUCCEEDED);
        }
        assertThat(kills).hasValue(6);
        site.judge();
    }

    @Test
    void R10_registryIsFull_itsWordsAreShown_buildGoesOnWhenThereIsRoom() throws Exception {
        ChaosRegistry chaos = chaos();
        Rule full = chaos.on(
                "PUT", TAG, 6, (_, _) -> Reply.error(507, "UNKNOWN", "no space left on the\\u0007storage volume"));

        Build end = build(Site.image(chaos.address()));

        assertThat(full.hits()).isEqualTo(6);
        assertThat(site.api().events(end.getId()).stream()
                        .map(event -> event.getNotice().getText()))
                .anyMatch(text -> text.contains("no space left on the storage volume"));
        assertSucceeded(end);
    }

    @Test
    void R12_tagIsImmutable_buildFailsAndTagStays() throws Exception {
        ChaosRegistry chaos = chaos();
        String image = Site.image(chaos.address());
        Build first = build(image);
        assertSucceeded(first);
        Rule immutable = chaos.on(
                "PUT", TAG, 100, (_, _) -> Reply.error(400, "TAG_INVALID", "the tag 1 exists and is immutable"));

        Site.Running second = site.build(image, AMD64, "FROM scratch\nLABEL other=content\nCOPY Dockerfile /\n");
        Build end = site.api().awaitEnd(second.id(), LONG);

        assertFailed(end, FailureClass.FAILURE_CLASS_REGISTRY, "exists and is immutable");
        assertThat(immutable.hits()).isPositive();
        assertThat(TagReader.read(image, Lab.registry()).orElseThrow().digest())
                .isEqualTo(first.getIndex().getDigest());
    }

    @Test
    void R12_tagIsImmutableAndAlreadyOurs_buildSucceeds() throws Exception {
        ChaosRegistry chaos = chaos();
        Rule stored = chaos.on("PUT", TAG, 1, (_, upstream) -> {
            upstream.ask();
            return Reply.error(409, "TAG_INVALID", "the tag 1 exists and is immutable");
        });

        assertSucceeded(build(Site.image(chaos.address())));
        assertThat(stored.hits()).isEqualTo(1);
    }
}
