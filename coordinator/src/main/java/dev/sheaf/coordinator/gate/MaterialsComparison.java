package dev.sheaf.coordinator.gate;

import dev.sheaf.coordinator.build.BuildSnapshot;
import dev.sheaf.coordinator.build.Failure;
import dev.sheaf.coordinator.build.SliceSnapshot;
import dev.sheaf.coordinator.build.SliceState;
import dev.sheaf.coordinator.build.VerifiedSlice;
import dev.sheaf.coordinator.build.VerifiedSlice.Material;
import dev.sheaf.coordinator.build.VerifiedSlice.Materials;
import dev.sheaf.image.Platform;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Whether the platforms of a build were made from the same things: where a reference could not be pinned beforehand, each
 * engine has looked by itself what it points to. Pure.
 *
 * @param refusal why no tag may move
 * @param notes what the user should know, one line each
 */
record MaterialsComparison(Optional<Failure> refusal, List<String> notes) {
    /** What all slices should have in common. */
    private record Name(Material.Kind kind, String name) {}

    static MaterialsComparison of(BuildSnapshot build) {
        Map<Platform, Materials> slices = slices(build);
        if (build.slices().size() < 2) {
            return new MaterialsComparison(Optional.empty(), List.of());
        }
        Map<Name, Map<Platform, TreeSet<String>>> used =
                new TreeMap<>(Comparator.comparing(Name::kind).thenComparing(Name::name));
        slices.forEach((platform, materials) -> materials
                .all()
                .forEach(material -> used.computeIfAbsent(
                                new Name(material.kind(), material.name()), _ -> new TreeMap<>())
                        .computeIfAbsent(platform, _ -> new TreeSet<>())
                        .add(material.digest())));
        List<String> errors = new ArrayList<>();
        List<String> notes = new ArrayList<>(unknown(slices));
        used.forEach((name, digests) -> {
            if (digests.values().stream().distinct().count() > 1) {
                // An address may answer each request with something new, and be meant to.
                (name.kind() == Material.Kind.DOWNLOAD ? notes : errors).add(difference(name, digests));
            }
        });
        return new MaterialsComparison(refusal(errors), notes);
    }

    private static Map<Platform, Materials> slices(BuildSnapshot build) {
        Map<Platform, Materials> found = new TreeMap<>();
        for (SliceSnapshot slice : build.slices()) {
            if (slice.state() instanceof SliceState.Built(Optional<VerifiedSlice> image)) {
                image.flatMap(VerifiedSlice::materials)
                        .ifPresent(materials -> found.put(slice.id().platform(), materials));
            }
        }
        return found;
    }

    private static List<String> unknown(Map<Platform, Materials> slices) {
        Map<String, List<Platform>> reasons = new LinkedHashMap<>();
        slices.forEach((platform, materials) -> {
            if (!materials.unknown().isEmpty()) {
                reasons.computeIfAbsent(materials.unknown(), _ -> new ArrayList<>())
                        .add(platform);
            }
        });
        return reasons.entrySet().stream()
                .map(reason -> "it is not known whether all platforms were built from the same bases; of "
                        + words(reason.getValue()) + ": " + reason.getKey())
                .toList();
    }

    private static String difference(Name name, Map<Platform, TreeSet<String>> digests) {
        Map<TreeSet<String>, List<Platform>> sides = new LinkedHashMap<>();
        digests.forEach((platform, found) ->
                sides.computeIfAbsent(found, _ -> new ArrayList<>()).add(platform));
        String what = name.kind() == Material.Kind.GIT ? "commit " : "";
        return name.name() + " was "
                + sides.entrySet().stream()
                        .map(side -> what + String.join(" and ", side.getKey()) + " for " + words(side.getValue()))
                        .collect(Collectors.joining(", and "));
    }

    private static Optional<Failure> refusal(List<String> errors) {
        if (errors.isEmpty()) {
            return Optional.empty();
        }
        List<String> others = errors.subList(1, Math.min(errors.size(), Failure.MAX_DETAILS + 1));
        return Optional.of(new Failure(
                Failure.Kind.VERIFICATION,
                "the platforms were not built from one source: " + errors.getFirst()
                        + "; it has changed in between: build again; no tag was moved",
                Optional.empty(),
                0,
                Optional.empty(),
                others));
    }

    private static String words(List<Platform> platforms) {
        return platforms.stream().map(Platform::toString).collect(Collectors.joining(", "));
    }
}
