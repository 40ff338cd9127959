package dev.sheaf.agent.engine;

import dev.sheaf.agent.engine.session.ContextFiles;
import dev.sheaf.v1.BuildSpec;
import dev.sheaf.v1.Platform;
import dev.sheaf.v1.RegistryCredential;
import dev.sheaf.v1.Secret;
import java.util.List;

/**
 * One slice to build.
 *
 * @param platform the platform of the slice
 * @param spec what to build; its platforms, tags and push flag are not looked at
 * @param repositories canonical repositories without a tag, to push to by digest. Empty: build only
 * @param credentials what registries may be told; only these
 * @param secrets what steps may mount; only these
 * @param files the context and the Dockerfile. {@link ContextFiles#none()} if the spec has a URL
 */
public record SolveRequest(
        Platform platform,
        BuildSpec spec,
        List<String> repositories,
        List<RegistryCredential> credentials,
        List<Secret> secrets,
        ContextFiles files) {

    public SolveRequest {
        repositories = List.copyOf(repositories);
        credentials = List.copyOf(credentials);
        secrets = List.copyOf(secrets);
    }

    /** Without credentials and secrets, so that it can be logged. */
    @Override
    public String toString() {
        return "SolveRequest[" + platform.getOs() + "/" + platform.getArchitecture() + " to " + repositories + "]";
    }
}
