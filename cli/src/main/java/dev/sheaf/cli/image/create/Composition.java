package dev.sheaf.cli.image.create;

import dev.sheaf.cli.image.RegistryImage.Kind;
import dev.sheaf.cli.image.RegistryImage.Part;
import dev.sheaf.cli.shell.CliException;
import dev.sheaf.cli.shell.ExitCode;
import dev.sheaf.image.ImageIndex;
import dev.sheaf.image.ImageManifest;
import dev.sheaf.image.Platform;
import dev.sheaf.image.SlicePush;
import dev.sheaf.image.registry.ManifestContent;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * Decides what the index holds. Pure.
 *
 * @param index the bytes to push
 * @param picks sorted by platform
 * @param notes what the user should know
 */
record Composition(ManifestContent index, List<Pick> picks, List<String> notes) {
    /**
     * Refuses, in one line, what makes no index: nothing that runs, a platform twice, content that is gone.
     *
     * @param annotations of the index itself
     */
    static Composition of(List<Source> sources, Map<String, String> annotations) throws CliException {
        Map<Platform, Pick> picks = new TreeMap<>();
        List<String> notes = new ArrayList<>();
        for (Source source : sources) {
            requireUsable(source);
            for (Part image : source.image().images()) {
                add(pick(source, image, notes), picks);
            }
            noteLeftOut(source, notes);
        }
        if (picks.isEmpty()) {
            throw CliException.user("there is no image in " + sources.getFirst().reference());
        }
        Optional<ManifestContent> verbatim =
                notes.isEmpty() && annotations.isEmpty() ? verbatim(sources) : Optional.empty();
        ManifestContent index = verbatim.isPresent() ? verbatim.get() : assembled(picks, annotations);
        return new Composition(index, List.copyOf(picks.values()), List.copyOf(notes));
    }

    /** A single index as it is, so that it keeps its digest and with it its signatures. */
    private static Optional<ManifestContent> verbatim(List<Source> sources) {
        return sources.size() == 1
                ? sources.getFirst()
                        .image()
                        .index()
                        .map(_ -> sources.getFirst().image().top())
                : Optional.empty();
    }

    private static ManifestContent assembled(Map<Platform, Pick> picks, Map<String, String> annotations)
            throws CliException {
        Map<Platform, SlicePush> pushes = new TreeMap<>();
        for (Pick pick : picks.values()) {
            String osVersion =
                    pick.image().config().map(config -> config.osVersion()).orElse("");
            if (!osVersion.isEmpty()) {
                throw CliException.user(pick.reference() + " is for version " + osVersion + " of "
                        + pick.platform().os()
                        + ", which Sheaf cannot state in an index that it writes; only a single index can be given"
                        + " another tag");
            }
            pushes.put(pick.platform(), pick.push());
        }
        ImageIndex index = ImageIndex.assemble(pushes, annotations);
        return new ManifestContent(index.mediaType(), index.bytes());
    }

    private static void requireUsable(Source source) throws CliException {
        for (Part part : source.image().parts()) {
            if (part.isMissing()) {
                throw new CliException(
                        ExitCode.REGISTRY,
                        "the registry does not have " + part.stated().digest() + ", which " + source.reference()
                                + " names; build that image again");
            }
            if (part.kind() == Kind.OTHER) {
                String type = part.manifest()
                        .flatMap(ImageManifest::artifactType)
                        .orElse(part.stated().mediaType().value());
                throw CliException.user(source.reference() + " holds "
                        + part.stated().digest() + ", which is neither an" + " image nor an attestation but " + type
                        + "; name the images that you want by their digests");
            }
        }
    }

    private static Pick pick(Source source, Part image, List<String> notes) throws CliException {
        String name = source.reference().withDigest(image.stated().digest()).toString();
        Platform platform = image.platform()
                .filter(known -> !known.isUnknown())
                .orElseThrow(() -> CliException.user(name + " is no image that runs: its config states no platform"));
        image.contradiction()
                .ifPresent(own -> notes.add(name + " is " + own + " by its config, which counts; " + source.reference()
                        + " says "
                        + image.stated().platform().map(Platform::toString).orElse("nothing")));
        List<Part> attestations = source.image().of(Kind.ATTESTATION).stream()
                .filter(part -> part.about().equals(image.stated().digest().value()))
                .toList();
        return new Pick(source, platform, image, attestations);
    }

    private static void add(Pick pick, Map<Platform, Pick> picks) throws CliException {
        Pick before = picks.putIfAbsent(pick.platform(), pick);
        if (before == null) {
            return;
        }
        if (!before.image().stated().digest().equals(pick.image().stated().digest())) {
            throw CliException.user(pick.platform() + " is there twice: " + before.reference() + " (of "
                    + before.source().reference() + ") and " + pick.reference() + " (of "
                    + pick.source().reference() + "); leave one of them out");
        }
        if (before.attestations().isEmpty()) {
            picks.put(pick.platform(), pick); // the same image by two names: with what is known about it
        }
    }

    private static void noteLeftOut(Source source, List<String> notes) {
        Set<String> images = new HashSet<>();
        source.image()
                .images()
                .forEach(part -> images.add(part.stated().digest().value()));
        for (Part part : source.image().of(Kind.ATTESTATION)) {
            if (!images.contains(part.about())) {
                notes.add("left out: the attestation " + part.stated().digest() + " of " + source.reference()
                        + ", which is about nothing there");
            }
        }
    }
}
