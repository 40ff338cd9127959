package dev.sheaf.coordinator.identity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sheaf.v1.AgentServiceGrpc;
import dev.sheaf.v1.BuildServiceGrpc;
import dev.sheaf.v1.ContextStoreGrpc;
import dev.sheaf.v1.IdentityServiceGrpc;
import io.grpc.MethodDescriptor;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class AccessTest {
    private static final Map<String, Caller> CALLERS = Map.of(
            "nobody", new Caller.Nobody(),
            "agent", new Caller.Agent("a", "p", List.of()),
            "user", new Caller.User("u", "t", false),
            "operator", new Caller.User("o", "t", true),
            "local", new Caller.Local());

    private static Set<String> methods() {
        return Stream.of(
                        BuildServiceGrpc.getServiceDescriptor(),
                        AgentServiceGrpc.getServiceDescriptor(),
                        ContextStoreGrpc.getServiceDescriptor(),
                        IdentityServiceGrpc.getServiceDescriptor())
                .flatMap(service -> service.getMethods().stream())
                .map(MethodDescriptor::getFullMethodName)
                .collect(Collectors.toSet());
    }

    @Test
    void table_hasEveryMethodOfTheFarm_andNoOther() {
        assertThat(Access.table().keySet()).isEqualTo(methods());
    }

    /** Every method with every kind of caller. */
    @Test
    void callers_openWhatIsTheirs_andNothingElse() {
        Map<String, Set<String>> open = new TreeMap<>();
        CALLERS.forEach((name, caller) -> open.put(
                name, methods().stream().filter(method -> opens(method, caller)).collect(Collectors.toSet())));

        Set<String> agents = Set.of(
                "dev.sheaf.v1.AgentService/Synchronize",
                "dev.sheaf.v1.AgentService/Report",
                "dev.sheaf.v1.ContextStore/Fetch");
        Set<String> anybody = Set.of("dev.sheaf.v1.IdentityService/Join", "dev.sheaf.v1.IdentityService/Renew");
        Set<String> whoAmI = Set.of("dev.sheaf.v1.IdentityService/WhoAmI");
        Set<String> administration = methods().stream()
                .filter(method -> method.contains("IdentityService/"))
                .filter(method -> !anybody.contains(method) && !whoAmI.contains(method))
                .collect(Collectors.toSet());
        assertThat(administration).hasSize(7);
        assertThat(open.get("nobody")).isEqualTo(anybody);
        assertThat(open.get("agent")).isEqualTo(union(anybody, whoAmI, agents));
        Set<String> users = methods();
        users.removeAll(agents);
        assertThat(open.get("operator")).isEqualTo(users);
        users.removeAll(administration);
        assertThat(open.get("user")).isEqualTo(users);
        assertThat(open.get("local")).isEqualTo(methods());
    }

    @Test
    void methodThatIsNotInTheTable_isOpenToNobody() {
        CALLERS.values()
                .forEach(caller -> assertThatThrownBy(() -> Access.require("dev.sheaf.v1.New/Method", caller))
                        .isInstanceOf(DeniedException.class));
    }

    private static Set<String> union(Set<String> one, Set<String> two, Set<String> three) {
        return Stream.of(one, two, three).flatMap(Set::stream).collect(Collectors.toSet());
    }

    private static boolean opens(String method, Caller caller) {
        try {
            Access.require(method, caller);
            return true;
        } catch (DeniedException e) {
            return false;
        }
    }
}
