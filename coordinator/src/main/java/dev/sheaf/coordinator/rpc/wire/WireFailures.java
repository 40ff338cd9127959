package dev.sheaf.coordinator.rpc.wire;

import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.image.Platform;
import dev.sheaf.v1.FailureClass;
import dev.sheaf.v1.SourceExcerpt;
import java.util.List;
import java.util.Optional;

/** Failures, both ways. */
final class WireFailures {
    private WireFailures() {}

    static Failure read(dev.sheaf.v1.Failure failure) {
        Optional<Failure.Source> source = Optional.empty();
        if (failure.hasSource()) {
            SourceExcerpt excerpt = failure.getSource();
            source = Optional.of(new Failure.Source(
                    excerpt.getFile(),
                    excerpt.getFirstLine(),
                    excerpt.getLinesList(),
                    excerpt.getErrorStart(),
                    excerpt.getErrorEnd()));
        }
        Optional<Platform> platform =
                failure.getPlatform().isEmpty() ? Optional.empty() : Optional.of(Platform.parse(failure.getPlatform()));
        List<String> details =
                failure.getDetailsList().stream().limit(Failure.MAX_DETAILS).toList();
        return new Failure(
                read(failure.getKind()), failure.getMessage(), source, failure.getExitCode(), platform, details);
    }

    static dev.sheaf.v1.Failure write(Failure failure) {
        dev.sheaf.v1.Failure.Builder wire = dev.sheaf.v1.Failure.newBuilder()
                .setKind(write(failure.kind()))
                .setMessage(failure.message())
                .setExitCode(failure.exitCode())
                .addAllDetails(failure.details())
                .setPlatform(failure.platform().map(Platform::toString).orElse(""));
        failure.source()
                .ifPresent(source -> wire.setSource(SourceExcerpt.newBuilder()
                        .setFile(source.file())
                        .setFirstLine(source.firstLine())
                        .addAllLines(source.lines())
                        .setErrorStart(source.errorStart())
                        .setErrorEnd(source.errorEnd())));
        return wire.build();
    }

    private static Failure.Kind read(FailureClass kind) {
        return switch (kind) {
            case FAILURE_CLASS_USER -> Failure.Kind.USER;
            case FAILURE_CLASS_AUTHENTICATION -> Failure.Kind.AUTHENTICATION;
            case FAILURE_CLASS_REGISTRY -> Failure.Kind.REGISTRY;
            case FAILURE_CLASS_VERIFICATION -> Failure.Kind.VERIFICATION;
            case FAILURE_CLASS_CAPACITY -> Failure.Kind.CAPACITY;
            case FAILURE_CLASS_ARCHITECTURE -> Failure.Kind.ARCHITECTURE;
            // A class that we do not know comes from a newer agent: another agent may do better.
            case FAILURE_CLASS_INFRASTRUCTURE, FAILURE_CLASS_UNSPECIFIED, UNRECOGNIZED -> Failure.Kind.INFRASTRUCTURE;
        };
    }

    private static FailureClass write(Failure.Kind kind) {
        return switch (kind) {
            case USER -> FailureClass.FAILURE_CLASS_USER;
            case INFRASTRUCTURE -> FailureClass.FAILURE_CLASS_INFRASTRUCTURE;
            case AUTHENTICATION -> FailureClass.FAILURE_CLASS_AUTHENTICATION;
            case REGISTRY -> FailureClass.FAILURE_CLASS_REGISTRY;
            case VERIFICATION -> FailureClass.FAILURE_CLASS_VERIFICATION;
            case CAPACITY -> FailureClass.FAILURE_CLASS_CAPACITY;
            case ARCHITECTURE -> FailureClass.FAILURE_CLASS_ARCHITECTURE;
        };
    }
}
