package dev.sheaf.coordinator.rpc.wire;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.coordinator.build.BuildRequest;
import dev.sheaf.coordinator.build.BuildRequest.Smoke;
import dev.sheaf.coordinator.build.BuildRequest.Stitching;
import dev.sheaf.coordinator.build.BuildRequest.Submitter;
import dev.sheaf.coordinator.dispatch.Attachments;
import dev.sheaf.coordinator.dispatch.Submission;
import dev.sheaf.coordinator.gate.FarmPolicy;
import dev.sheaf.image.Digest;
import dev.sheaf.image.ImageReference;
import dev.sheaf.image.Platform;
import dev.sheaf.v1.AttachRequest;
import dev.sheaf.v1.BasePin;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.PlanRequest;
import dev.sheaf.v1.RegistryCredential;
import dev.sheaf.v1.Secret;
import dev.sheaf.v1.StitchRequest;
import dev.sheaf.v1.SubmitRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads what a submitter sends. Every method throws IllegalArgumentException with one line for the submitter. */
public final class SubmissionReader {
    /** Slices of one build. */
    static final int MAX_PLATFORMS = 64;

    /** Tags of one build. */
    static final int MAX_TAGS = 100;

    /** Images that one build takes something from. */
    static final int MAX_BASES = 200;

    /** Platforms that one of them has. */
    static final int MAX_BASE_PLATFORMS = 100;

    /** Secrets, and credentials, of one build. */
    static final int MAX_SECRETS = 100;

    /** BuildKit takes no larger secret, in bytes. */
    static final int MAX_SECRET_BYTES = 500 * 1024;

    /**
     * Bytes of what is to be built, without context, credentials and secrets: all open builds are in memory, and two of
     * each are for a moment.
     */
    static final int MAX_SPEC_BYTES = 128 * 1024;

    /** Characters of a URL, a path or a name in a request. */
    static final int MAX_TEXT = 4096;

    private SubmissionReader() {}

    /** A submission. */
    public static Submission read(SubmitRequest request, Optional<Submitter> submitter, FarmPolicy farm) {
        requireText("idempotency key", request.getIdempotencyKey());
        int bytes = request.getSpec().getSerializedSize();
        if (bytes > MAX_SPEC_BYTES) {
            throw new IllegalArgumentException("what is to be built is described in " + bytes
                    + " bytes, and at most " + MAX_SPEC_BYTES
                    + " are allowed: put long values of build arguments and labels into files of the context");
        }
        return new Submission(
                request(request.getIdempotencyKey(), request.getSpec(), submitter, farm),
                attachments(request.getCredentialsList(), request.getSecretsList()));
    }

    /** A build that is not to be submitted. */
    public static BuildRequest read(PlanRequest request, Optional<Submitter> submitter, FarmPolicy farm) {
        return request("plan", request.getSpec(), submitter, farm);
    }

    private static BuildRequest request(String key, BuildSpec spec, Optional<Submitter> submitter, FarmPolicy farm) {
        requireAtMost("platforms", spec.getPlatformsCount(), MAX_PLATFORMS);
        Optional<Duration> wait = spec.hasWaitForAgents()
                ? Optional.of(Durations.read("wait_for_agents", spec.getWaitForAgents()))
                : Optional.empty();
        return new BuildRequest(
                key,
                spec.getPlatformsList().stream().map(SubmissionReader::platform).toList(),
                tags(spec.getTagsList()),
                spec.getPush(),
                source(spec),
                options(spec, farm),
                wait,
                submitter);
    }

    /** A platform that images can be built for. */
    public static Platform platform(dev.sheaf.v1.Platform wire) {
        Platform platform = Platform.of(wire.getOs(), wire.getArchitecture(), wire.getVariant());
        if (platform.isUnknown()) {
            throw new IllegalArgumentException("no image can be built for the platform " + platform);
        }
        return platform;
    }

    private static List<ImageReference> tags(List<String> texts) {
        requireAtMost("tags", texts.size(), MAX_TAGS);
        List<ImageReference> tags = new ArrayList<>();
        for (String text : texts) {
            ImageReference tag = ImageReference.parse(text);
            if (tag.tag().isEmpty() || tag.digest().isPresent()) {
                throw new IllegalArgumentException(
                        "\"" + text + "\" cannot be moved: write a reference with a tag and without a digest");
            }
            if (!tags.contains(tag)) {
                tags.add(tag);
            }
        }
        return tags;
    }

    private static BuildRequest.Source source(BuildSpec spec) {
        return switch (spec.getContextCase()) {
            case TREE_DIGEST -> new BuildRequest.Source.Tree(Digest.parse(spec.getTreeDigest()));
            case URL -> new BuildRequest.Source.Url(requireText("context URL", spec.getUrl()));
            case CONTEXT_NOT_SET ->
                throw new IllegalArgumentException("a build needs a context: tree_digest or url, found neither");
        };
    }

    private static BuildRequest.Options options(BuildSpec spec, FarmPolicy farm) {
        return new BuildRequest.Options(
                requirePlain("dockerfile", spec.getDockerfile()),
                requirePlain("target", spec.getTarget()),
                spec.getBuildArgsMap(),
                spec.getLabelsMap(),
                new BuildRequest.Switches(spec.getNoCache(), spec.getPull()),
                requirePlain("provenance", spec.getProvenance()),
                requirePlain("context_key", spec.getContextKey()),
                Optional.of(CheckWire.read(spec, farm)),
                spec.hasSmoke() ? Optional.of(smoke(spec.getSmoke())) : Optional.empty(),
                bases(spec.getBasesList()));
    }

    private static Smoke smoke(dev.sheaf.v1.Smoke wire) {
        return new Smoke(
                wire.getCommandList(),
                wire.hasTimeout()
                        ? Durations.read("the smoke test's timeout", wire.getTimeout())
                        : Smoke.USUAL_TIMEOUT);
    }

    private static List<BuildRequest.BasePin> bases(List<BasePin> pins) {
        requireAtMost("bases", pins.size(), MAX_BASES);
        List<BuildRequest.BasePin> bases = new ArrayList<>();
        for (BasePin pin : pins) {
            requireAtMost("platforms of a base", pin.getPlatformsCount(), MAX_BASE_PLATFORMS);
            ImageReference reference = ImageReference.parse(requireText("reference of a base", pin.getReference()));
            bases.add(new BuildRequest.BasePin(
                    reference.toString(),
                    Digest.parse(pin.getDigest()),
                    pin.getPlatformsList().stream()
                            .map(SubmissionReader::platform)
                            .toList()));
        }
        return bases;
    }

    /** What is brought again for a build. */
    public static Attachments read(AttachRequest request) {
        return attachments(request.getCredentialsList(), request.getSecretsList());
    }

    /** What is brought for publishing again. */
    public static Attachments read(List<RegistryCredential> credentials) {
        return attachments(credentials, List.of());
    }

    /** The wish to publish again what this build made. */
    public static Stitching readWish(StitchRequest request, BuildId of, Optional<Submitter> submitter) {
        return new Stitching(
                of,
                requireText("idempotency key", request.getIdempotencyKey()),
                tags(request.getTagsList()),
                submitter);
    }

    private static Attachments attachments(List<RegistryCredential> credentials, List<Secret> secretValues) {
        requireAtMost("credentials", credentials.size(), MAX_SECRETS);
        requireAtMost("secrets", secretValues.size(), MAX_SECRETS);
        List<Attachments.Login> logins = new ArrayList<>();
        for (RegistryCredential credential : credentials) {
            requireText("registry of a credential", credential.getRegistry());
            logins.add(new Attachments.Login(
                    credential.getRegistry(),
                    credential.getUsername(),
                    credential.getPassword(),
                    credential.getIdentityToken()));
        }
        Set<String> ids = new HashSet<>();
        List<Attachments.Secret> secrets = new ArrayList<>();
        for (Secret secret : secretValues) {
            requireText("id of a secret", secret.getId());
            if (!ids.add(secret.getId())) {
                throw new IllegalArgumentException("the secret \"" + secret.getId() + "\" is given twice");
            }
            if (secret.getValue().size() > MAX_SECRET_BYTES) {
                throw new IllegalArgumentException("the secret \"" + secret.getId() + "\" has "
                        + secret.getValue().size() + " bytes, and at most " + MAX_SECRET_BYTES + " are allowed");
            }
            secrets.add(new Attachments.Secret(secret.getId(), secret.getValue().toByteArray()));
        }
        return new Attachments(logins, secrets);
    }

    private static void requireAtMost(String what, int found, int most) {
        if (found > most) {
            throw new IllegalArgumentException("a build has at most " + most + " " + what + ", found " + found);
        }
    }

    private static String requireText(String what, String text) {
        if (text.isBlank()) {
            throw new IllegalArgumentException("the " + what + " is empty");
        }
        return requirePlain(what, text);
    }

    private static String requirePlain(String what, String text) {
        if (text.length() > MAX_TEXT) {
            throw new IllegalArgumentException(
                    "the " + what + " has " + text.length() + " characters, and at most " + MAX_TEXT + " are allowed");
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("the " + what + " holds a control character");
        }
        return text;
    }
}
