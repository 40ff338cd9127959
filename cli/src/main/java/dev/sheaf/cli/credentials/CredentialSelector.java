package dev.sheaf.cli.credentials;

import dev.sheaf.image.ImageReference;
import dev.sheaf.v1.RegistryCredential;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Chooses the credentials that a build can need, so that no others leave this machine. */
public final class CredentialSelector {
    /** Places in a Dockerfile that name an image; the image is group 1. */
    private static final List<Pattern> IMAGES = List.of(
            Pattern.compile("(?im)^\\s*FROM\\s+(?:--\\S+\\s+)*(\\S+)"),
            Pattern.compile("(?i)\\bfrom=([^\\s,]+)"),
            Pattern.compile("(?im)^\\s*#\\s*syntax\\s*=\\s*(\\S+)"));

    private static final Pattern ARGUMENT = Pattern.compile("(?im)^\\s*ARG\\s+[^=\\s]+=[\"']?([^\\s\"']+)");

    private static final Pattern HOST = Pattern.compile("([A-Za-z0-9-]+(?:\\.[A-Za-z0-9-]+)*(?::[0-9]+)?)/.*");

    private final DockerConfig config;

    /** Chooses from this configuration. */
    public CredentialSelector(DockerConfig config) {
        this.config = config;
    }

    /** For a build whose Dockerfile is known. */
    public List<RegistryCredential> forTree(
            Collection<String> tags, String dockerfileText, Map<String, String> buildArgs)
            throws CredentialException, InterruptedException {
        Set<String> registries = registriesOf(tags);
        for (Pattern pattern : IMAGES) {
            Matcher matcher = pattern.matcher(dockerfileText);
            while (matcher.find()) {
                registryOf(matcher.group(1)).ifPresent(registries::add);
            }
        }
        Matcher argument = ARGUMENT.matcher(dockerfileText);
        while (argument.find()) {
            addIfHost(argument.group(1), registries);
        }
        buildArgs.values().forEach(value -> addIfHost(value, registries));
        for (String configured : config.registries()) {
            if (mentions(dockerfileText, configured)
                    || buildArgs.values().stream().anyMatch(value -> mentions(value, configured))) {
                registries.add(configured);
            }
        }
        return credentials(registries);
    }

    /** For a build whose Dockerfile only the engine will see: all that the configuration or a build argument names. */
    public List<RegistryCredential> forUrl(Collection<String> tags, Map<String, String> buildArgs)
            throws CredentialException, InterruptedException {
        Set<String> registries = registriesOf(tags);
        registries.add(DockerConfig.DOCKER_HUB);
        registries.addAll(config.registries());
        buildArgs.values().forEach(value -> addIfHost(value, registries));
        return credentials(registries);
    }

    private List<RegistryCredential> credentials(Set<String> registries)
            throws CredentialException, InterruptedException {
        List<RegistryCredential> credentials = new ArrayList<>();
        for (String registry : registries) {
            config.credential(registry).ifPresent(credentials::add);
        }
        return credentials;
    }

    private static Set<String> registriesOf(Collection<String> tags) {
        Set<String> registries = new TreeSet<>();
        for (String tag : tags) {
            registries.add(ImageReference.parse(tag).registry());
        }
        return registries;
    }

    /** The registry of an image; Docker Hub if it names none, or if that depends on a variable. */
    private static Optional<String> registryOf(String image) {
        if (image.equals("scratch")) {
            return Optional.empty();
        }
        Matcher host = HOST.matcher(image);
        return Optional.of(host.matches() && isHost(image) ? host.group(1) : DockerConfig.DOCKER_HUB);
    }

    private static void addIfHost(String value, Set<String> registries) {
        if (isHost(value)) {
            registryOf(value).ifPresent(registries::add);
        }
    }

    private static boolean isHost(String image) {
        Matcher matcher = HOST.matcher(image);
        if (!matcher.matches()) {
            return false;
        }
        String host = matcher.group(1);
        return host.indexOf('.') >= 0 || host.indexOf(':') >= 0 || host.equals("localhost");
    }

    /** Whether the text names the host, not merely a longer one that holds it. */
    private static boolean mentions(String text, String host) {
        return Pattern.compile("(?<![A-Za-z0-9.-])" + Pattern.quote(host) + "(?![A-Za-z0-9.:-])")
                .matcher(text)
                .find();
    }
}
