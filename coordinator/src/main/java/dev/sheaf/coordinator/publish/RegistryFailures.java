package dev.sheaf.coordinator.publish;

import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.dispatch.IndexPublisher.Publication;
import dev.sheaf.coordinator.dispatch.SliceVerifier.Verdict;
import dev.sheaf.image.Platform;
import dev.sheaf.image.registry.RegistryException;

/** What a registry's exception means for a build. The first sentence is ours, the second the registry client's. */
public final class RegistryFailures {
    private RegistryFailures() {}

    /** While reading back what an agent says it pushed: what is not there was not pushed. */
    public static Verdict whileVerifying(RegistryException e, Platform platform) {
        return switch (e) {
            case RegistryException.Unavailable _ ->
                new Verdict.Unavailable(unavailable(e).on(platform));
            case RegistryException.NotFound _ -> wrong("what it says it pushed is not there: " + text(e), platform);
            case RegistryException.Inconsistent _ ->
                wrong("what it says it pushed cannot be read back: " + text(e), platform);
            case RegistryException.Authentication _ ->
                new Verdict.Refused(refusedLogin(e).on(platform));
            case RegistryException.Refused _ ->
                new Verdict.Refused(failure(Failure.Kind.REGISTRY, "the registry refused to show what was pushed", e)
                        .on(platform));
        };
    }

    /** What was pushed is not what was asked for. */
    public static Verdict wrong(String text, Platform platform) {
        return new Verdict.Refused(Failure.of(Failure.Kind.VERIFICATION, text + "; no tag was moved")
                .on(platform));
    }

    /** While publishing the index: a registry that contradicts itself may come to agree, one that says no will not. */
    public static Publication whilePublishing(RegistryException e) {
        return switch (e) {
            case RegistryException.Unavailable _ -> new Publication.Unavailable(unavailable(e));
            case RegistryException.NotFound _, RegistryException.Inconsistent _ ->
                new Publication.Unavailable(
                        failure(Failure.Kind.REGISTRY, "the registry does not hold what it was given", e));
            case RegistryException.Authentication _ -> new Publication.Refused(refusedLogin(e));
            case RegistryException.Refused _ ->
                new Publication.Refused(failure(Failure.Kind.REGISTRY, "the registry refused to publish", e));
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
        return Failure.of(kind, what + ": " + text(e));
    }

    private static String text(RegistryException e) {
        return String.valueOf(e.getMessage());
    }
}
