package dev.sheaf.coordinator.store.sql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The stored forms, word for word: what an earlier version wrote must be read for ever. */
final class StoredJsonTest {
    private static final Digest DIGEST = Digest.of(new byte[0]);

    private static final BuildRequest REQUEST = new BuildRequest(
            "key",
            List.of(Platform.of("linux", "amd64")),
            List.of(ImageReference.parse("registry.example/app:1")),
            true,
            new BuildRequest.Source.Tree(DIGEST),
            new BuildRequest.Options(
                    "Dockerfile",
                    "",
                    Map.of("A", "\u00e4"),
                    Map.of(),
                    new BuildRequest.Switches(true, false),
                    "",
                    "k",
                    Optional.empty(),
                    Optional.empty(),
                    List.of(new BuildRequest.BasePin(
                            "docker.io/library/alpine:3", DIGEST, List.of(Platform.of("linux", "amd64"))))),
            Optional.of(Duration.ofSeconds(90)),
            Optional.empty());

    private static final String REQUEST_TEMPLATE = """
            {"idempotencyKey":"key","platforms":["linux/amd64"],\
            "tags":[{"registry":"registry.example","repository":"app","tag":"1"}],"push":true,\
            "source":{"kind":"tree","digest":"%s"},\
            "options":{"dockerfile":"Dockerfile","target":"","buildArgs":{"A":"\\u00E4"},"labels":{},\
            "switches":{"noCache":true,"pull":false},"provenance":"","contextKey":"k"%s},\
            "waitForAgents":"PT1M30S"}""".formatted(DIGEST, "%s");

    private static final String BASES_FORM =
            ",\"bases\":[{\"reference\":\"docker.io/library/alpine:3\",\"digest\":\"%s\",\"platforms\":[\"linux/amd64\"]}]"
                    .formatted(DIGEST);

    /** As it was written before builds pinned their bases. */
    private static final String REQUEST_FORM_WITHOUT_BASES = REQUEST_TEMPLATE.formatted("");

    private static final String REQUEST_FORM = REQUEST_TEMPLATE.formatted(BASES_FORM);

    @Test
    void request_hasItsForm() throws StoredFormException {
        assertThat(StoredJson.write(REQUEST)).isEqualTo(REQUEST_FORM);
        assertThat(StoredJson.read(REQUEST_FORM, BuildRequest.class)).isEqualTo(REQUEST);
    }

    @Test
    void requestWithASmokeTest_hasItsForm() throws StoredFormException {
        BuildRequest.Options plain = REQUEST.options();
        BuildRequest request = new BuildRequest(
                REQUEST.idempotencyKey(),
                REQUEST.platforms(),
                REQUEST.tags(),
                REQUEST.push(),
                REQUEST.source(),
                new BuildRequest.Options(
                        plain.dockerfile(),
                        plain.target(),
                        plain.buildArgs(),
                        plain.labels(),
                        plain.switches(),
                        plain.provenance(),
                        plain.contextKey(),
                        plain.policy(),
                        Optional.of(new BuildRequest.Smoke(List.of("app", "--version"), Duration.ofSeconds(60))),
                        plain.bases()),
                REQUEST.waitForAgents(),
                REQUEST.submitter());
        String form = REQUEST_FORM.replace(
                "\"contextKey\":\"k\"",
                "\"contextKey\":\"k\",\"smoke\":{\"command\":[\"app\",\"--version\"],\"timeout\":\"PT1M\"}");

        assertThat(StoredJson.write(request)).isEqualTo(form);
        assertThat(StoredJson.read(form, BuildRequest.class)).isEqualTo(request);
    }

    @Test
    void requestWithoutBases_isOneThatPinsNothing() throws StoredFormException {
        BuildRequest read = StoredJson.read(REQUEST_FORM_WITHOUT_BASES, BuildRequest.class);

        assertThat(read.options().bases()).isEmpty();
        assertThat(read.options().contextKey()).isEqualTo("k");
    }

    @Test
    void states_haveTheirForms() throws StoredFormException {
        AgentId agent = new AgentId("a");
        Map<SliceState, String> forms = Map.of(
                new SliceState.Queued(), "{'state':'queued'}",
                new SliceState.Leased(agent, 3), "{'state':'leased','agent':'a','fence':3}",
                new SliceState.Running(agent, 3), "{'state':'running','agent':'a','fence':3}",
                new SliceState.Verifying(agent, 3, DIGEST),
                        "{'state':'verifying','agent':'a','fence':3,'digest':'" + DIGEST + "'}",
                new SliceState.Built(Optional.empty()), "{'state':'built'}",
                new SliceState.Failed(Failure.of(Failure.Kind.USER, "m")),
                        "{'state':'failed','failure':{'kind':'USER','message':'m','exitCode':0,'details':[]}}",
                new SliceState.Cancelled(), "{'state':'cancelled'}");
        for (Map.Entry<SliceState, String> form : forms.entrySet()) {
            String json = form.getValue().replace('\'', '"');
            assertThat(StoredJson.write(form.getKey())).isEqualTo(json);
            assertThat(StoredJson.read(json, SliceState.class)).isEqualTo(form.getKey());
        }
    }

    @Test
    void failureOfAnEarlierVersion_hasNoDetails() throws StoredFormException {
        String json = "{'state':'failed','failure':{'kind':'USER','message':'m','exitCode':0}}".replace('\'', '"');
        assertThat(StoredJson.read(json, SliceState.class))
                .isEqualTo(new SliceState.Failed(Failure.of(Failure.Kind.USER, "m")));
    }

    @Test
    void fieldsOfALaterVersion_arePassedOver() throws StoredFormException {
        String later = REQUEST_FORM.replaceAll("\\{\"", "{\"invented\":{\"later\":[1]},\"");
        assertThat(later).isNotEqualTo(REQUEST_FORM);
        // Arguments are names of the user's, so an invented one is an argument.
        String sameArguments = later.replace("\"buildArgs\":{\"invented\":{\"later\":[1]},", "\"buildArgs\":{");
        assertThat(StoredJson.read(sameArguments, BuildRequest.class)).isEqualTo(REQUEST);
        assertThat(StoredJson.read("{\"ended\":\"2026-11-21T10:00:00Z\",\"mood\":1}", BuildSnapshot.Result.class)
                        .ended())
                .isPresent();
    }

    @Test
    void damagedForms_areRefused() {
        for (String json :
                List.of("", "{", "null", "[]", "{\"state\":\"dreaming\"}", "{\"state\":\"leased\",\"agent\":\"\"}")) {
            assertThatThrownBy(() -> StoredJson.read(json, SliceState.class)).isInstanceOf(StoredFormException.class);
        }
    }
}
