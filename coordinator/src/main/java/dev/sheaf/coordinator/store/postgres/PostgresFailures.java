package dev.sheaf.coordinator.store.postgres;

import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.coordinator.store.StoreException.Kind;
import dev.sheaf.coordinator.store.sql.StoredFormException;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.util.Set;

/**
 * What PostgreSQL's failures mean, by its codes of five characters (the first two are the class).
 *
 * @param name of the database, for messages
 */
record PostgresFailures(String name) {
    /** Serialization failure, deadlock. */
    private static final Set<String> CONFLICTS = Set.of("40001", "40P01");

    /** Connection lost, out of resources, shut down or timed out, lock not had in time. */
    private static final Set<String> PASSING_CLASSES = Set.of("08", "40", "53", "55", "57");

    /** A session ended for its idle transaction; a server that became a replica. */
    private static final Set<String> PASSING = Set.of("25P03", "25006");

    /** Wrong user or password; no such database; not allowed. */
    private static final Set<String> REFUSALS = Set.of("28", "3D", "42");

    /** The connection that was used ended, or a conflict was lost: another connection may do at once. */
    boolean isPassing(SQLException failure) {
        if (failure instanceof SQLTransientConnectionException) {
            return false; // no connection could be had
        }
        String code = code(failure);
        return CONFLICTS.contains(code) || code.startsWith("08") || code.startsWith("57P") || code.equals("25P03");
    }

    StoreException explain(SQLException failure) {
        if (failure instanceof StoredFormException) {
            return new StoreException(
                    Kind.BROKEN, "the state in " + name + " is damaged: " + failure.getMessage(), failure);
        }
        String code = code(failure);
        String group = code.isEmpty() ? "" : code.substring(0, 2);
        if (REFUSALS.contains(group)) {
            return new StoreException(
                    Kind.BROKEN, name + " refuses this coordinator: " + message(failure) + " (" + code + ")", failure);
        }
        if (code.isEmpty() || PASSING.contains(code) || PASSING_CLASSES.contains(group)) {
            return new StoreException(
                    Kind.UNAVAILABLE, name + " does not answer as it should: " + message(failure), failure);
        }
        return new StoreException(
                Kind.BROKEN,
                "the state in " + name + " cannot be used: " + message(failure) + " (" + code + ")",
                failure);
    }

    /** Of the failure that began it; empty: none has one. */
    private static String code(SQLException failure) {
        String code = "";
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof SQLException sql && sql.getSQLState() != null) {
                code = sql.getSQLState();
            }
        }
        return code.length() == 5 ? code : "";
    }

    private static String message(SQLException failure) {
        Throwable first = failure;
        while (first.getCause() instanceof SQLException cause) {
            first = cause;
        }
        return String.valueOf(first.getMessage()).lines().findFirst().orElse("");
    }
}
