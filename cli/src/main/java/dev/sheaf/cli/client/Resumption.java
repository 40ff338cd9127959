package dev.sheaf.cli.client;

import dev.sheaf.cli.shell.CliException;

/** What is done after a lost connection, before a build is watched again. */
@FunctionalInterface
public interface Resumption {
    /** Nothing. */
    Resumption NONE = build -> build;

    /**
     * Called until it succeeds; a call that fails throws StatusRuntimeException.
     *
     * @return the build to watch from now on: this one, unless the farm has forgotten it
     */
    String resume(String buildId) throws CliException, InterruptedException;
}
