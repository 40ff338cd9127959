package dev.sheaf.cli.shell;

import dev.sheaf.v1.FailureClass;

/** How the program ends. The numbers are part of the contract with scripts. */
public enum ExitCode {
    OK(0, "ok"),
    /** The Dockerfile, the flags or the context. */
    USER(1, "user"),
    /** What was pushed is not what was asked for, or is not for its platform inside. */
    VERIFICATION(65, "verification"),
    /** The farm does not answer, or its machines failed. */
    UNAVAILABLE(69, "infrastructure"),
    /** No capacity, or a limit is reached: the same command may work later. */
    TRY_LATER(75, "capacity"),
    REGISTRY(76, "registry"),
    AUTHENTICATION(77, "authentication"),
    CANCELLED(130, "cancelled");

    private final int number;
    private final String word;

    ExitCode(int number, String word) {
        this.number = number;
        this.word = word;
    }

    public int number() {
        return number;
    }

    /** The class of failure in one word, for machines. */
    public String word() {
        return word;
    }

    /** The code that says whose failure it was. */
    public static ExitCode of(FailureClass failure) {
        return switch (failure) {
            case FAILURE_CLASS_USER -> USER;
            case FAILURE_CLASS_AUTHENTICATION -> AUTHENTICATION;
            case FAILURE_CLASS_REGISTRY -> REGISTRY;
            case FAILURE_CLASS_VERIFICATION, FAILURE_CLASS_ARCHITECTURE -> VERIFICATION;
            case FAILURE_CLASS_CAPACITY -> TRY_LATER;
            case FAILURE_CLASS_INFRASTRUCTURE, FAILURE_CLASS_UNSPECIFIED, UNRECOGNIZED -> UNAVAILABLE;
        };
    }
}
