package dev.sheaf.cli.credentials;

/** Credentials that are configured cannot be had. One line for the user, without anything secret. */
public final class CredentialException extends Exception {
    private static final long serialVersionUID = 1L;

    CredentialException(String message) {
        super(message);
    }
}
