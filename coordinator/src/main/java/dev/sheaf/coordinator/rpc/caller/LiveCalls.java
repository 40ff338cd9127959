package dev.sheaf.coordinator.rpc.caller;

import io.grpc.Status;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** The calls of each agent that are under way, so that they can be ended. */
public final class LiveCalls {
    private final Map<String, Set<EndableCall<?, ?>>> byAgent = new ConcurrentHashMap<>();

    void begin(String agent, EndableCall<?, ?> call) {
        byAgent.compute(agent, (_, calls) -> {
            Set<EndableCall<?, ?>> all = calls == null ? new HashSet<>() : calls;
            all.add(call);
            return all;
        });
    }

    void over(String agent, EndableCall<?, ?> call) {
        byAgent.computeIfPresent(agent, (_, calls) -> {
            calls.remove(call);
            return calls.isEmpty() ? null : calls;
        });
    }

    /** Ends all of them, with this reason. */
    public void end(String agent, String reason) {
        Set<EndableCall<?, ?>> calls = byAgent.remove(agent);
        if (calls != null) {
            List.copyOf(calls).forEach(call -> call.end(Status.PERMISSION_DENIED.withDescription(reason)));
        }
    }
}
