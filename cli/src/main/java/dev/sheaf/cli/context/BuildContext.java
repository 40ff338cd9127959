package dev.sheaf.cli.context;

import dev.sheaf.v1.BuildSpec;

/** What a build is made from. */
public sealed interface BuildContext extends AutoCloseable permits TreeContext, RemoteContext {
    /** Sets the fields of a spec that say where the context is: tree or URL, Dockerfile and context key. */
    void describeIn(BuildSpec.Builder spec);

    /** One line for the user. */
    String describe();

    /** The Dockerfile. Empty for a URL that the engine fetches. */
    String dockerfileText();

    /** Whether the engine fetches the context itself, so that nothing has to be sent. */
    boolean isRemote();

    @Override
    void close();
}
