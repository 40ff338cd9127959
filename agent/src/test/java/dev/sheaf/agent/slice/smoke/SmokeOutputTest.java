package dev.sheaf.agent.slice.smoke;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.Timestamp;
import dev.sheaf.v1.Progress;
import dev.sheaf.v1.Vertex;
import dev.sheaf.v1.VertexLog;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

final class SmokeOutputTest {
    private static final Vertex STEP = Vertex.newBuilder()
            .setDigest("step")
            .setName("[2/2] RUN --network=none [\"app\"]")
            .addInputs("other")
            .build();
    private static final Vertex STARTED =
            STEP.toBuilder().setStarted(Timestamp.newBuilder().setSeconds(1)).build();

    private final List<Progress> shown = new ArrayList<>();
    private final AtomicInteger starts = new AtomicInteger();
    private final SmokeOutput output = new SmokeOutput("[smoke test] app", shown::add, starts::incrementAndGet);

    private void report(Vertex step) {
        output.progress(Progress.newBuilder().addVertexes(step).build());
    }

    private void print(String text) {
        output.progress(Progress.newBuilder()
                .addLogs(VertexLog.newBuilder().setVertex("step").setData(ByteString.copyFromUtf8(text)))
                .build());
    }

    @Test
    void progress_start_isToldOnce_andNotBefore() {
        report(STEP);
        assertThat(starts).hasValue(0);
        assertThat(output.hasStarted()).isFalse();
        report(STARTED);
        report(STARTED.toBuilder()
                .setCompleted(Timestamp.newBuilder().setSeconds(2))
                .build());
        assertThat(starts).hasValue(1);
        assertThat(output.hasStarted()).isTrue();
    }

    @Test
    void progress_theStep_hasAUsersName_andNoInputsThatAreNotShown() {
        report(STARTED);
        assertThat(shown)
                .singleElement()
                .satisfies(progress -> assertThat(progress.getVertexesList())
                        .containsExactly(STARTED.toBuilder()
                                .setName("[smoke test] app")
                                .clearInputs()
                                .build()));
        output.progress(Progress.newBuilder()
                .addVertexes(Vertex.newBuilder().setDigest("other").setName("[1/2] FROM x"))
                .build());
        assertThat(shown).as("nothing to show").hasSize(1);
    }

    @Test
    void lastLines_ofMuch_areFive_eachOfTwoHundredCharacters() {
        report(STARTED);
        assertThat(output.lastLines()).isEmpty();
        print("1\n\n2\n3\n4\r\n5\n");
        print("x".repeat(201) + "\n");
        assertThat(output.lastLines()).isEqualTo("\"2\" \"3\" \"4\" \"5\" \"" + "x".repeat(200) + "...\"");
    }

    @Test
    void remembered_isTheEnd_whateverIsPrinted() {
        report(STARTED);
        for (int i = 0; i < 100; i++) {
            print("a".repeat(1000));
        }
        print("b".repeat(4000));
        assertThat(output.lastLines()).as("4096 bytes").isEqualTo("\"" + "a".repeat(96) + "b".repeat(104) + "...\"");
    }

    @Test
    void refusal_isOnlyWhatIsPrintedInTheCommandsPlace() {
        report(STARTED);
        print("container_linux.go:380: starting container process caused: exec: \"app\": not found\n");
        assertThat(output.refusal()).contains("exec: \"app\": not found");
        print("and more of the program's own\n");
        assertThat(output.refusal()).isEmpty();
    }
}
