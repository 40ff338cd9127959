package dev.sheaf.coordinator.publish;

import static dev.sheaf.coordinator.publish.PublishBench.AMD64;
import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.dispatch.Attachments;
import dev.sheaf.coordinator.dispatch.IndexPublisher.Publication;
import dev.sheaf.coordinator.dispatch.SliceVerifier.Verdict;
import dev.sheaf.coordinator.store.Stored;
import dev.sheaf.image.Descriptor;
import dev.sheaf.image.Digest;
import dev.sheaf.image.registry.Credentials;
import dev.sheaf.image.registry.Registry;
import dev.sheaf.testregistry.RegistryProcess;
import dev.sheaf.testregistry.RegistryProxy;
import dev.sheaf.testregistry.TestImages;
import dev.sheaf.testregistry.TokenServer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Publishing to a real registry while it, or the way to it, is in trouble. */
@Tag("lab")
final class RegistryTroubleTest {
    private static final String TAG = "/v2/app/manifests/1";

    @TempDir
    Path directory;

    private RegistryProcess registry;
    private RegistryProxy proxy;
    private PublishBench bench;
    private Registry direct;

    @BeforeEach
    void start() throws Exception {
        begin(RegistryProcess.start(directory, ""));
    }

    private void begin(RegistryProcess process) throws Exception {
        registry = process;
        proxy = RegistryProxy.before(registry.address());
        bench = new PublishBench(proxy.address());
        direct = bench.registries.open(registry.address(), Credentials.ANONYMOUS);
    }

    @AfterEach
    void stop() {
        bench.close();
        proxy.close();
        registry.close();
    }

    private BuildSnapshot build(String... tags) throws Exception {
        Descriptor image = new TestImages(direct, "app").image(AMD64, "1");
        return bench.verified(bench.request(List.of(AMD64), tags), Map.of(AMD64, image));
    }

    private void publishes(BuildSnapshot build) throws Exception {
        Publication publication = bench.publish(build);
        assertThat(publication).isInstanceOf(Publication.Published.class);
        assertThat(direct.get("app", "1").descriptor()).isEqualTo(((Publication.Published) publication).index());
    }

    @Test
    void answers5xxAnd429_waitsAsAskedOrEverLonger_thenPublishes() throws Exception {
        BuildSnapshot build = build("app:1");
        proxy.on("PUT .*/manifests/sha256:.*").answers(502, "");
        proxy.on("PUT .*/manifests/sha256:.*").answers(503, "");
        proxy.on("PUT " + TAG).answers(429, "", "Retry-After", "7");
        proxy.on("PUT " + TAG).answers(503, "", "Retry-After", "Thu, 01 Jan 2026 00:01:00 GMT");
        proxy.on("PUT " + TAG).answers(429, "", "Retry-After", "3600");
        publishes(build);
        assertThat(bench.pauses)
                .containsExactly(
                        Duration.ofMillis(100),
                        Duration.ofMillis(200),
                        Duration.ofSeconds(7),
                        Duration.ofSeconds(60),
                        Duration.ofMinutes(2));
    }

    @Test
    void connectionEndsBeforeTheTagIsWritten_writtenAgain() throws Exception {
        BuildSnapshot build = build("app:1");
        proxy.on("PUT " + TAG).dropsRequest();
        publishes(build);
        assertThat(proxy.passed("PUT " + TAG)).hasSize(1);
    }

    @Test
    void connectionEndsAfterTheTagIsWritten_isFoundAndNotWrittenAgain() throws Exception {
        BuildSnapshot build = build("app:1");
        proxy.on("PUT " + TAG).dropsAnswer();
        publishes(build);
        assertThat(proxy.passed("PUT " + TAG)).hasSize(1);
    }

    @Test
    void tagBrokenInStorage_repaired() throws Exception {
        BuildSnapshot build = build("app:1");
        publishes(build);
        breakTag();
        publishes(build);
        assertThat(proxy.passed("PUT " + TAG)).hasSize(2);
    }

    /** What a registry killed in mid-write leaves behind. */
    private void breakTag() throws Exception {
        Files.writeString(
                registry.storage().resolve("docker/registry/v2/repositories/app/_manifests/tags/1/current/link"), "");
    }

    @Test
    void registryKilledAtTheTag_theNextTryAfterItsReturnPublishes() throws Exception {
        BuildSnapshot build = build("app:1");
        proxy.on("PUT " + TAG).does(_ -> registry.kill());
        Publication during = bench.publish(build);
        assertThat(during).isInstanceOf(Publication.Unavailable.class);
        registry.restart();
        publishes(build);
    }

    @ParameterizedTest
    @ValueSource(ints = {400, 403, 405, 409, 412})
    void immutableTag_oneSentenceAndOneTry(int status) throws Exception {
        BuildSnapshot build = build("app:0", "app:1");
        proxy.on("PUT " + TAG)
                .answers(status, "{\"errors\":[{\"code\":\"TAG_INVALID\",\"message\":\"the tag is\\n immutable\"}]}");

        Publication publication = bench.publish(build);

        assertThat(publication).isInstanceOf(Publication.Refused.class);
        Failure failure = PublishBench.failure(publication);
        assertThat(failure.kind()).isEqualTo(Failure.Kind.REGISTRY);
        assertThat(failure.message())
                .contains("refuses to move the tag " + proxy.address() + "/app:1, which may be immutable")
                .doesNotContain("\n");
        assertThat(bench.moved).containsExactly(proxy.address() + "/app:0");
        assertThat(bench.pauses).isEmpty();
        assertThat(direct.head("app", "1")).isEmpty();
    }

    @Test
    void leadLostBeforeTheTag_notWritten_andMayBeTriedAgain() throws Exception {
        BuildSnapshot build = build("app:1");
        proxy.on("PUT .*/manifests/sha256:.*").does(_ -> bench.leads.set(false));
        leavesTheTagToTheLeader(build);
        assertThat(proxy.passed("PUT " + TAG)).isEmpty();
        bench.leads.set(true);
        publishes(build);
    }

    @Test
    void leadLostBetweenTwoTriesOfATag_theSecondIsNotSent() throws Exception {
        BuildSnapshot build = build("app:1");
        proxy.on("PUT " + TAG).does(exchange -> {
            bench.leads.set(false);
            try {
                exchange.sendResponseHeaders(503, -1);
            } catch (java.io.IOException e) {
                throw new AssertionError(e);
            }
        });
        leavesTheTagToTheLeader(build);
        assertThat(bench.pauses).hasSize(1);
        assertThat(direct.head("app", "1")).isEmpty();
    }

    private void leavesTheTagToTheLeader(BuildSnapshot build) throws Exception {
        Publication publication = bench.publish(build);
        assertThat(publication).isInstanceOf(Publication.Unavailable.class);
        Failure failure = PublishBench.failure(publication);
        assertThat(failure.kind()).isEqualTo(Failure.Kind.INFRASTRUCTURE);
        assertThat(failure.message()).contains("is left to the coordinator that leads");
        assertThat(direct.head("app", "1")).isEmpty();
    }

    @Test
    void keeper_thatDoesNotLead_leavesABrokenTagToTheLeader() throws Exception {
        BuildSnapshot build = build("app:1");
        publishes(build);
        Stored.Tag tag = new Stored.Tag(
                build.request().tags().getFirst(),
                build.id(),
                1,
                direct.get("app", "1").digest(),
                Instant.EPOCH);
        breakTag();
        RegistryTagKeeper keeper = new RegistryTagKeeper(bench.access, bench.leads::get);

        bench.leads.set(false);
        keeper.keep(tag, Set.of(), Attachments.NONE);
        assertThat(proxy.passed("PUT " + TAG)).hasSize(1);

        bench.leads.set(true);
        keeper.keep(tag, Set.of(), Attachments.NONE);
        assertThat(proxy.passed("PUT " + TAG)).hasSize(2);
        assertThat(direct.get("app", "1").digest()).isEqualTo(tag.index());
    }

    @Test
    void registryThatNeverAnswers_endsAtTheLimitAndTheGateStaysShut() throws Exception {
        BuildSnapshot build = build("app:1");
        proxy.on("PUT .*/manifests/sha256:.*").hangs();
        Publication publication = new RegistryIndexPublisher(
                        bench.access, bench.pauses::add, () -> true, Duration.ofSeconds(1))
                .publish(build, build.request().tags(), Attachments.NONE, bench.new Gate(true) {
                    @Override
                    public boolean open(Digest index) {
                        throw new AssertionError("the gate was asked for");
                    }
                });
        assertThat(publication).isInstanceOf(Publication.Unavailable.class);
        assertThat(PublishBench.failure(publication).message()).contains("did not come to an end within 1 s");
    }

    @Test
    void tokens_oneForEachScopeOfABuild_andANewOneWhenOneIsRefused() throws Exception {
        stop();
        Path guarded = Files.createDirectory(directory.resolve("guarded"));
        try (TokenServer tokens = TokenServer.start(guarded)) {
            begin(RegistryProcess.start(guarded, tokens.configuration()));
            Attachments ann = PublishBench.ann(proxy.address(), "s3cret-pw");
            BuildRegistries build = new BuildRegistries(bench.registries::open, 10);
            Registry mine = bench.registries.open(registry.address(), new Credentials.Basic("ann", "s3cret-pw"));
            Descriptor image = new TestImages(mine, "app").image(AMD64, "1");
            var request = bench.request(List.of(AMD64), "app:1");
            PublishBench.Hearing heard = new PublishBench.Hearing();
            var verifier = new RegistrySliceVerifier(build, new ReadImages(), bench.pauses::add, PublishBench.LIMIT);
            var publisher = new RegistryIndexPublisher(build, bench.pauses::add, () -> true, PublishBench.LIMIT);
            var slice = new dev.sheaf.coordinator.build.SliceId(PublishBench.BUILD, AMD64);
            int before = tokens.issued();

            Verdict first = verifier.verify(request, slice, image.digest(), ann);
            assertThat(first).isInstanceOf(Verdict.Verified.class);
            BuildSnapshot snapshot = PublishBench.snapshot(request, List.of(((Verdict.Verified) first).image()));
            assertThat(tokens.issued() - before).isEqualTo(1);

            build.hearing(heard).buildChanged(snapshot);
            verifier.verify(request, slice, image.digest(), ann);
            verifier.verify(request, slice, image.digest(), ann);
            assertThat(tokens.issued() - before).as("open builds keep theirs").isEqualTo(2);
            proxy.on("PUT " + TAG).does(exchange -> {
                String realm = tokens.realm();
                exchange.getResponseHeaders()
                        .add("WWW-Authenticate", "Bearer realm=\"" + realm + "\",service=\"registry\"");
                try {
                    exchange.sendResponseHeaders(401, -1);
                } catch (java.io.IOException e) {
                    throw new AssertionError(e);
                }
            });
            assertThat(publisher.publish(snapshot, request.tags(), ann, bench.new Gate(true)))
                    .isInstanceOf(Publication.Published.class);
            assertThat(tokens.issued() - before)
                    .as("one to push, one more when it was refused")
                    .isEqualTo(4);
        }
    }
}
