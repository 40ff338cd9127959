package dev.sheaf.agent.engine;

import dev.sheaf.buildkit.control.CacheOptions;
import dev.sheaf.buildkit.control.Exporter;
import dev.sheaf.buildkit.policy.Policy;
import dev.sheaf.buildkit.policy.PolicyAction;
import dev.sheaf.buildkit.policy.Rule;
import dev.sheaf.buildkit.policy.Selector;
import dev.sheaf.buildkit.policy.Update;
import dev.sheaf.v1.BasePin;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.Platform;
import java.net.InetAddress;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Says a slice in BuildKit's words. */
final class SolveMessages {
    private static final String IMAGE = "docker-image://";

    private final Set<String> insecureRegistries;

    SolveMessages(Set<String> insecureRegistries) {
        this.insecureRegistries = insecureRegistries;
    }

    /** The build with this reference, whose session has the same name; pushed by digest. */
    dev.sheaf.buildkit.control.SolveRequest request(SolveRequest request, String reference) {
        return request(request, reference, "image", export(request.repositories()));
    }

    /** The same, kept under these names in the classic store of a Docker Engine. */
    static dev.sheaf.buildkit.control.SolveRequest kept(SolveRequest request, String reference, List<String> names) {
        dev.sheaf.buildkit.control.SolveRequest kept =
                request(request, reference, "moby", Map.of("name", String.join(",", names)));
        // Of an image with attestations that store says that it cannot keep it, or keeps it without.
        return kept.toBuilder().removeFrontendAttrs("attest:provenance").build();
    }

    private static dev.sheaf.buildkit.control.SolveRequest request(
            SolveRequest request, String reference, String exporter, Map<String, String> export) {
        dev.sheaf.buildkit.control.SolveRequest.Builder wire = dev.sheaf.buildkit.control.SolveRequest.newBuilder()
                .setSourcePolicy(policy(request.spec().getBasesList()))
                .setRef(reference)
                .setSession(reference)
                .setFrontend("dockerfile.v0")
                .putAllFrontendAttrs(frontend(request.spec(), request.platform()))
                .setCache(CacheOptions.getDefaultInstance())
                .setExporterDeprecated(exporter)
                .putAllExporterAttrsDeprecated(export)
                .addExporters(Exporter.newBuilder().setType(exporter).putAllAttrs(export));
        if (request.isOffline()) {
            // Of all steps: RUN --network is a flag that the frontend of Docker Engine 20.10 does not know.
            wire.putFrontendAttrs("force-network-mode", "none");
        }
        return wire.build();
    }

    /**
     * Whatever the tags of the bases point to by now, the engine takes what they were pinned to. The selector is a
     * wildcard, BuildKit's default, for BuildKit replaces nothing where the match must be exact.
     */
    static Policy policy(List<BasePin> bases) {
        Policy.Builder policy = Policy.newBuilder().setVersion(1);
        for (BasePin base : bases) {
            if (base.getReference().indexOf('@') < 0) {
                policy.addRules(Rule.newBuilder()
                        .setAction(PolicyAction.CONVERT)
                        .setSelector(Selector.newBuilder().setIdentifier(IMAGE + base.getReference()))
                        .setUpdates(Update.newBuilder()
                                .setIdentifier(IMAGE + base.getReference() + "@" + base.getDigest())));
            }
        }
        return policy.build();
    }

    /** "linux/arm/v7". */
    static String name(Platform platform) {
        String name = platform.getOs() + "/" + platform.getArchitecture();
        return platform.getVariant().isEmpty() ? name : name + "/" + platform.getVariant();
    }

    /** What the Dockerfile frontend is told. */
    static Map<String, String> frontend(BuildSpec spec, Platform platform) {
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("platform", name(platform));
        attributes.put("filename", spec.getDockerfile().isEmpty() ? "Dockerfile" : spec.getDockerfile());
        putUnlessEmpty(attributes, "target", spec.getTarget());
        putUnlessEmpty(attributes, "context", spec.getUrl());
        putUnlessEmpty(attributes, "attest:provenance", spec.getProvenance());
        if (spec.getNoCache()) {
            // Present means yes; a value would be a list of stages.
            attributes.put("no-cache", "");
        }
        if (spec.getPull()) {
            attributes.put("image-resolve-mode", "pull");
        }
        spec.getBuildArgsMap().forEach((key, value) -> attributes.put("build-arg:" + key, value));
        spec.getLabelsMap().forEach((key, value) -> attributes.put("label:" + key, value));
        return attributes;
    }

    private Map<String, String> export(List<String> repositories) {
        Map<String, String> attributes = new LinkedHashMap<>();
        attributes.put("oci-mediatypes", "true");
        attributes.put("store", "false");
        if (repositories.isEmpty()) {
            return attributes;
        }
        attributes.put("name", String.join(",", repositories));
        attributes.put("push", "true");
        attributes.put("push-by-digest", "true");
        attributes.put("name-canonical", "true");
        if (repositories.stream().allMatch(this::insecure)) {
            attributes.put("registry.insecure", "true");
        }
        return attributes;
    }

    private boolean insecure(String repository) {
        int slash = repository.indexOf('/');
        String registry = slash < 0 ? repository : repository.substring(0, slash);
        int colon = registry.lastIndexOf(':');
        String host = colon < 0 || registry.endsWith("]") ? registry : registry.substring(0, colon);
        return insecureRegistries.contains(registry) || loopback(host);
    }

    private static boolean loopback(String host) {
        if (host.equals("localhost")) {
            return true;
        }
        try {
            return InetAddress.ofLiteral(host).isLoopbackAddress();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    private static void putUnlessEmpty(Map<String, String> attributes, String key, String value) {
        if (!value.isEmpty()) {
            attributes.put(key, value);
        }
    }
}
