package dev.sheaf.agent.engine;

import dev.sheaf.agent.engine.session.ContextFiles;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.RegistryCredential;
import dev.sheaf.v1.Secret;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * One slice to build.
 *
 * @param attempt tells this attempt from all others, in letters, digits and "-": what an engine has to name for a while
 *     bears it. Empty: the engine makes one up
 * @param platform the platform of the slice
 * @param spec what to build; its platforms, tags and push flag are not looked at
 * @param repositories canonical repositories without a tag, to push to by digest. Empty: build only
 * @param credentials what registries may be told; only these
 * @param secrets what steps may mount; only these
 * @param files the context and the Dockerfile. {@link ContextFiles#none()} if the spec has a URL
 * @param isOffline its steps see no network
 */
public record SolveRequest(
        String attempt,
        Platform platform,
        BuildSpec spec,
        List<String> repositories,
        List<RegistryCredential> credentials,
        List<Secret> secrets,
        ContextFiles files,
        boolean isOffline) {

    public SolveRequest {
        repositories = List.copyOf(repositories);
        credentials = List.copyOf(credentials);
        secrets = List.copyOf(secrets);
    }

    /** One whose attempt has no name, and whose steps have the engine's network. */
    public SolveRequest(
            Platform platform,
            BuildSpec spec,
            List<String> repositories,
            List<RegistryCredential> credentials,
            List<Secret> secrets,
            ContextFiles files) {
        this("", platform, spec, repositories, credentials, secrets, files, false);
    }

    /** The registries that there are credentials for. */
    Set<String> logins() {
        return credentials.stream().map(RegistryCredential::getRegistry).collect(Collectors.toSet());
    }

    /** Without credentials and secrets, so that it can be logged. */
    @Override
    public String toString() {
        return "SolveRequest[" + platform.getOs() + "/" + platform.getArchitecture() + " to " + repositories + "]";
    }
}
