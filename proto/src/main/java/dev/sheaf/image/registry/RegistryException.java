package dev.sheaf.image.registry;

import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A registry did not do what was asked. The message is one sentence for people, with host and repository, no secret. */
public abstract sealed class RegistryException extends IOException {
    private static final long serialVersionUID = 1L;

    private RegistryException(String message, @Nullable Throwable cause) {
        super(message, cause);
    }

    /** The registry does not accept the credentials, or there are none and it wants some. */
    public static final class Authentication extends RegistryException {
        private static final long serialVersionUID = 1L;
        private final boolean forbidden;

        /** One sentence. */
        public Authentication(String message) {
            this(message, false);
        }

        Authentication(String message, boolean forbidden) {
            super(message, null);
            this.forbidden = forbidden;
        }

        /** The registry knows who calls and does not allow this (403), rather than not knowing who calls (401). */
        public boolean isForbidden() {
            return forbidden;
        }
    }

    /** There is no such repository, manifest or blob. */
    public static final class NotFound extends RegistryException {
        private static final long serialVersionUID = 1L;

        /** One sentence. */
        public NotFound(String message) {
            super(message, null);
        }
    }

    /** The registry cannot be reached or has trouble of its own: trying later may help. */
    public static final class Unavailable extends RegistryException {
        private static final long serialVersionUID = 1L;
        private final @Nullable Duration retryAfter;

        /** One sentence. */
        public Unavailable(String message) {
            this(message, null, null);
        }

        Unavailable(String message, @Nullable Throwable cause, @Nullable Duration retryAfter) {
            super(message, cause);
            this.retryAfter = retryAfter;
        }

        /** How long the registry asks to be left alone, if it said so. */
        public Optional<Duration> retryAfter() {
            return Optional.ofNullable(retryAfter);
        }
    }

    /** The registry understood and said no: trying again does not help. */
    public static final class Refused extends RegistryException {
        private static final long serialVersionUID = 1L;

        /** One sentence. */
        public Refused(String message) {
            super(message, null);
        }
    }

    /** The registry answered something that contradicts itself or the protocol. */
    public static final class Inconsistent extends RegistryException {
        private static final long serialVersionUID = 1L;

        /** One sentence. */
        public Inconsistent(String message) {
            super(message, null);
        }
    }
}
