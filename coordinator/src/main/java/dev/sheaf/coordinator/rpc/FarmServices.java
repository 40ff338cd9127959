package dev.sheaf.coordinator.rpc;

import dev.sheaf.v1.AgentServiceGrpc;
import dev.sheaf.v1.BuildServiceGrpc;
import dev.sheaf.v1.ContextStoreGrpc;
import dev.sheaf.v1.IdentityServiceGrpc;
import io.grpc.BindableService;
import io.grpc.HandlerRegistry;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.Status;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The services of a coordinator, while it leads. One that does not refuses every call with UNAVAILABLE and says who
 * leads, as far as it knows: callers go there.
 */
public final class FarmServices extends HandlerRegistry {
    private static final Map<String, MethodDescriptor<?, ?>> METHODS = Stream.of(
                    BuildServiceGrpc.getServiceDescriptor(),
                    AgentServiceGrpc.getServiceDescriptor(),
                    ContextStoreGrpc.getServiceDescriptor(),
                    IdentityServiceGrpc.getServiceDescriptor())
            .flatMap(service -> service.getMethods().stream())
            .collect(Collectors.toUnmodifiableMap(MethodDescriptor::getFullMethodName, Function.identity()));

    /** The full names of all methods that the farm has. */
    static Set<String> methods() {
        return METHODS.keySet();
    }

    private sealed interface Role {
        record Leader(Map<String, ServerMethodDefinition<?, ?>> methods) implements Role {}

        record Follower(String refusal) implements Role {}
    }

    private final AtomicReference<Role> role =
            new AtomicReference<>(new Role.Follower("this coordinator is starting; call again"));

    /** From now on calls reach these services. */
    public void lead(List<BindableService> services) {
        role.set(new Role.Leader(services.stream()
                .map(BindableService::bindService)
                .map(ServerServiceDefinition::getMethods)
                .flatMap(methods -> methods.stream())
                .collect(Collectors.toUnmodifiableMap(
                        method -> method.getMethodDescriptor().getFullMethodName(), Function.identity()))));
    }

    /**
     * From now on calls are refused.
     *
     * @param leader its address; empty: nobody is known to lead
     */
    public void follow(String leader) {
        role.set(new Role.Follower("this coordinator does not lead"
                + (leader.isEmpty() ? ", and nobody is known to; call again" : "; " + leader + " does")));
    }

    @Override
    public @Nullable ServerMethodDefinition<?, ?> lookupMethod(String method, @Nullable String authority) {
        return switch (role.get()) {
            case Role.Leader leader -> leader.methods().get(method);
            case Role.Follower follower -> {
                MethodDescriptor<?, ?> known = METHODS.get(method);
                yield known == null ? null : refuse(known, follower.refusal());
            }
        };
    }

    private static <Q, R> ServerMethodDefinition<Q, R> refuse(MethodDescriptor<Q, R> method, String refusal) {
        return ServerMethodDefinition.create(method, (call, _) -> {
            call.close(Status.UNAVAILABLE.withDescription(refusal), new Metadata());
            return new ServerCall.Listener<>() {};
        });
    }
}
