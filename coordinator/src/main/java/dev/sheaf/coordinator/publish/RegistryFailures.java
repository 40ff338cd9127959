package dev.sheaf.coordinator.publish;

import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.image.registry.RegistryException;

/** What a registry's exception means for a build. The first sentence is ours, the second the registry client's. */
final class RegistryFailures {
    private RegistryFailures() {}

    /** While reading back what an agent says it pushed: what is not there was not pushed. */
    static Failure whileVerifying(RegistryException e) {
        return switch (e) {
            case RegistryException.NotFound _ -> failure(Failure.Kind.VERIFICATION, "what the agent pushed is not there", e);
            case RegistryException.Inconsistent _ ->
                failure(Failure.Kind.VERIFICATION, "what the agent pushed cannot be read back", e);
            case RegistryException.Authentication _ -> refusedLogin(e);
            case RegistryException.Unavailable _ -> unavailable(e);
            case RegistryException.Refused _ ->
                failure(Failure.Kind.REGISTRY, "the registry refused to show what was pushed", e);
        };
    }

    /** While publishing the index. */
    static Failure whilePublishing(RegistryException e) {
        return switch (e) {
            case RegistryException.NotFound _ ->
                failure(Failure.Kind.REGISTRY, "the registry lost what was verified before", e);
            case RegistryException.Inconsistent _ ->
                failure(Failure.Kind.REGISTRY, "the registry does not hold what it was given", e);
            case RegistryException.Authentication _ -> refusedLogin(e);
            case RegistryException.Unavailable _ -> unavailable(e);
            case RegistryException.Refused _ -> failure(Failure.Kind.REGISTRY, "the registry refused the index", e);
        };
    }

    private static Failure refusedLogin(RegistryException e) {
        return failure(
                Failure.Kind.AUTHENTICATION, "the registry refused the login; run docker login and build again", e);
    }

    private static Failure unavailable(RegistryException e) {
        return failure(Failure.Kind.REGISTRY, "the registry does not answer as it should", e);
    }

    private static Failure failure(Failure.Kind kind, String what, RegistryException e) {
        return Failure.of(kind, what + ": " + e.getMessage());
    }
}
