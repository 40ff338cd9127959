package dev.sheaf.coordinator.dispatch;

import java.util.List;

/** What a build brings that is secret: held in memory while the build is open, never stored, never printed. */
public record Attachments(List<Login> logins, List<Secret> secrets) {
    /** Nothing secret. */
    public static final Attachments NONE = new Attachments(List.of(), List.of());

    /**
     * For one registry.
     *
     * @param identityToken used instead of username and password; empty: none
     */
    public record Login(String registry, String username, String password, String identityToken) {
        @Override
        public String toString() {
            return "Login[" + registry + "]";
        }
    }

    /** For RUN --mount=type=secret. */
    @SuppressWarnings("ArrayRecordComponent") // never compared; the bytes are handed on as they came
    public record Secret(String id, byte[] value) {
        @Override
        public String toString() {
            return "Secret[" + id + "]";
        }
    }

    /** The credentials alone. */
    Attachments withoutSecrets() {
        return new Attachments(logins, List.of());
    }

    /** Whether there is nothing secret. */
    public boolean isEmpty() {
        return logins.isEmpty() && secrets.isEmpty();
    }

    public Attachments {
        logins = List.copyOf(logins);
        secrets = List.copyOf(secrets);
    }
}
