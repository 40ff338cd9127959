package dev.sheaf.cli.context;

import dev.sheaf.v1.BuildSpec;

/**
 * A git repository at one commit, fetched by the engine.
 *
 * @param url with the commit, and the directory within the repository
 * @param dockerfile path within the context. Empty: "Dockerfile"
 */
public record RemoteContext(String url, String dockerfile) implements BuildContext {
    @Override
    public void describeIn(BuildSpec.Builder spec) {
        spec.setUrl(url).setDockerfile(dockerfile).setContextKey("");
    }

    @Override
    public String describe() {
        return url;
    }

    @Override
    public String dockerfileText() {
        return "";
    }

    @Override
    public boolean isRemote() {
        return true;
    }

    @Override
    public void close() {
        // Nothing is held.
    }
}
