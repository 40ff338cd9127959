package dev.sheaf.endpoint.route;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sheaf.endpoint.FarmAddress;
import io.grpc.Status;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

final class FarmRouteTest {
    private static final FarmAddress A = FarmAddress.parse("127.0.0.1:1");
    private static final FarmAddress B = FarmAddress.parse("127.0.0.1:2");
    private static final FarmAddress C = FarmAddress.parse("127.0.0.1:3");

    private final FarmRoute route = new FarmRoute(List.of(A, B, C), false);

    @Test
    void nobodyAnswers_theListIsTriedInOrder_againAndAgain() {
        List<FarmAddress> called = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            called.add(route.current());
            route.ended(route.current(), Status.UNAVAILABLE);
        }
        assertThat(called).containsExactly(A, B, C, A, B, C, A);
    }

    @Test
    void standby_namesTheLeader_whichIsCalledNext_evenFromOutsideOfTheList() {
        route.ended(A, Status.UNAVAILABLE.withDescription("this coordinator does not lead; 127.0.0.1:9 does"));
        assertThat(route.current()).isEqualTo(FarmAddress.parse("127.0.0.1:9"));

        route.ended(route.current(), Status.UNAVAILABLE);
        assertThat(route.current()).isEqualTo(B);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "this coordinator does not lead; nobody is known to",
                "this coordinator does not lead; farm.example:7420 does",
                "this coordinator does not lead; http://x does",
                "io exception"
            })
    void standby_namesNobodyWhomWeMayCall_theNextOfTheListComes(String description) {
        route.ended(A, Status.UNAVAILABLE.withDescription(description));
        assertThat(route.current()).isEqualTo(B);
    }

    @Test
    void standby_namesTheLeaderOnAnotherMachine_isFollowedOverTls() {
        FarmRoute secure = new FarmRoute(List.of(A), true);
        secure.ended(A, Status.UNAVAILABLE.withDescription("this coordinator does not lead; farm.example:7420 does"));
        assertThat(secure.current()).isEqualTo(FarmAddress.parse("farm.example:7420"));
    }

    @Test
    void manyCallsFailTogether_oneStepIsTaken() {
        route.ended(A, Status.UNAVAILABLE);
        route.ended(A, Status.UNAVAILABLE);
        route.ended(A, Status.UNAVAILABLE.withDescription("this coordinator does not lead; 127.0.0.1:3 does"));
        assertThat(route.current()).isEqualTo(B);
    }

    @ParameterizedTest
    @EnumSource(
            value = Status.Code.class,
            names = {"UNAVAILABLE", "DEADLINE_EXCEEDED"},
            mode = EnumSource.Mode.EXCLUDE)
    void coordinatorAnswers_itIsKept(Status.Code code) {
        route.ended(A, code.toStatus());
        assertThat(route.current()).isEqualTo(A);
    }

    @Test
    void oneAddress_isKept() {
        FarmRoute only = new FarmRoute(List.of(B), false);
        only.ended(B, Status.UNAVAILABLE);
        only.ended(B, Status.UNAVAILABLE);
        assertThat(only.current()).isEqualTo(B);
    }
}
