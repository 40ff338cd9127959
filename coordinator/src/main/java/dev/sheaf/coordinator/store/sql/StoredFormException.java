package dev.sheaf.coordinator.store.sql;

import java.sql.SQLException;

/** What is stored is not what was ever written: damaged, or changed by hand. */
public final class StoredFormException extends SQLException {
    private static final long serialVersionUID = 1;

    StoredFormException(String message) {
        super(message);
    }

    StoredFormException(String message, Throwable cause) {
        super(message, cause);
    }
}
