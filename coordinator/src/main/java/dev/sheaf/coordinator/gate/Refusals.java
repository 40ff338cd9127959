package dev.sheaf.coordinator.gate;

import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.image.arch.Finding;
import dev.sheaf.image.arch.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What a user is told about an image that is not for its platform inside. Pure. */
final class Refusals {
    private Refusals() {}

    /** All that is wrong, the first of it in front and with its place in the Dockerfile. */
    static Failure of(List<Finding> errors, Optional<Source> source) {
        Finding first = errors.getFirst();
        List<String> details = new ArrayList<>();
        for (Finding other : errors.subList(1, errors.size())) {
            if (details.size() == Failure.MAX_DETAILS - 1 && errors.size() - 1 > Failure.MAX_DETAILS) {
                details.add((errors.size() - 1 - details.size()) + " more are left out");
                break;
            }
            details.add(other.sentence());
        }
        return new Failure(
                Failure.Kind.ARCHITECTURE,
                first.sentence() + "; no tag was moved",
                source.flatMap(known -> place(first, known)),
                0,
                Optional.empty(),
                details);
    }

    private static Optional<Failure.Source> place(Finding finding, Source source) {
        boolean isBase = finding.rule() == Rule.BASE_ARCHITECTURE || finding.rule() == Rule.CONFIG_PLATFORM;
        if (isBase && source.graph().foundation().isPresent()) {
            return Optional.of(source.excerptOfBase());
        }
        return finding.origin().flatMap(origin -> source.excerpt(origin.number()));
    }
}
