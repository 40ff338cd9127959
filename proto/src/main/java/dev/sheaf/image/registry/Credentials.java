package dev.sheaf.image.registry;

/** Who we are to a registry. Never written out: {@code toString} holds no secret. */
public sealed interface Credentials {
    /** Nobody in particular. */
    Credentials ANONYMOUS = new Anonymous();

    /** Nobody in particular. */
    record Anonymous() implements Credentials {}

    /** A user and a password or access token. */
    record Basic(String username, String password) implements Credentials {
        @Override
        public String toString() {
            return "Basic[username=" + username + "]";
        }
    }

    /** An identity token, as credential helpers give it: exchanged for access tokens at the token endpoint. */
    record IdentityToken(String token) implements Credentials {
        @Override
        public String toString() {
            return "IdentityToken[]";
        }
    }

    /** A ready access token for this registry ({@code registrytoken}), sent as it is. */
    record AccessToken(String token) implements Credentials {
        @Override
        public String toString() {
            return "AccessToken[]";
        }
    }
}
