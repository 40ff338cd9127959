package dev.sheaf.coordinator.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.coordinator.agents.AgentDescription;
import dev.sheaf.coordinator.agents.Incarnation;
import dev.sheaf.coordinator.agents.SyncCall;
import dev.sheaf.coordinator.build.AgentId;
import dev.sheaf.coordinator.build.host.Host;
import dev.sheaf.coordinator.queue.api.Limits;
import dev.sheaf.coordinator.queue.api.RefusedException;
import dev.sheaf.coordinator.store.Stored;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which process an agent's name belongs to. */
final class AgentTableTest {
    private static final Incarnation FIRST = new Incarnation("first", 1_000);
    private static final Incarnation SECOND = new Incarnation("second", 2_500);

    private final AgentTable agents = new AgentTable(Limits.defaults());
    private Instant now = Instant.parse("2026-01-01T00:00:00Z");

    @Test
    void admit_firstCallOfADeadProcess_isRefusedAfterItsSuccessors() throws Exception {
        call(SECOND, 1);
        now = now.plusSeconds(19);
        assertThatThrownBy(() -> call(FIRST, 1))
                .isInstanceOf(RefusedException.class)
                .hasMessage(
                        "a process of agent \"arm-1\" at 192.0.2.7:5000 that started 1500 ms later was heard 19 s ago: this earlier"
                                + " process must end; if there is no other, its host's clock was set back, and the name is"
                                + " free 20 s after the other was last heard");
        call(SECOND, 2);
    }

    @Test
    void admit_clockSetBackBetweenTwoProcesses_isTakenAfterOneLeaseTime() throws Exception {
        call(SECOND, 1);
        now = now.plusSeconds(20);
        assertThat(call(FIRST, 1).isLate()).isFalse();
    }

    @Test
    void admit_processThatAnEarlierOneReplaced_hasItsNameBack() throws Exception {
        call(SECOND, 1);
        now = now.plusSeconds(20);
        call(FIRST, 1);
        now = now.plusSeconds(5);
        assertThat(call(SECOND, 2).isLate()).isFalse();
        now = now.plusSeconds(60);
        assertThatThrownBy(() -> call(FIRST, 2)).hasMessageContaining("was started anew");
    }

    @Test
    void admit_laterProcess_waitsForTheNameOfALiveOne() throws Exception {
        call(FIRST, 1);
        now = now.plusSeconds(4);
        assertThatThrownBy(() -> call(SECOND, 1))
                .hasMessageContaining("another live agent is called \"arm-1\" at 192.0.2.7:5000");
        now = now.plusSeconds(1);
        assertThat(call(SECOND, 1).isLate()).isFalse();
    }

    @Test
    void admit_restoredHolder_isNotReplacedByAnEarlierProcess() throws Exception {
        agents.restore(
                now, new Stored.Holder(new AgentId("arm-1"), SECOND.id(), SECOND.startedAt(), false, Host.UNKNOWN));
        now = now.plusSeconds(19);
        assertThatThrownBy(() -> call(FIRST, 7)).hasMessageContaining("that started 1500 ms later");
        assertThat(call(SECOND, 3).isLate()).isFalse();
    }

    @Test
    void admit_startNotSaid_hasNoOrder() throws Exception {
        call(SECOND, 1);
        now = now.plusSeconds(5);
        assertThat(call(new Incarnation("old agent", 0), 1).isLate()).isFalse();
    }

    /** A call that is answered at once. */
    private AgentTable.Admission call(Incarnation process, long sequence) throws RefusedException {
        AgentId id = new AgentId("arm-1");
        AgentDescription.Particulars from =
                new AgentDescription.Particulars(Host.UNKNOWN, "", "", "192.0.2.7:5000", "");
        AgentDescription description = new AgentDescription(id, List.of(), 1, from);
        SyncCall call = new SyncCall(process, sequence, description, List.of(), false);
        AgentTable.Admission admission = agents.admit(now, call);
        agents.stopListening(call, false);
        return admission;
    }
}
