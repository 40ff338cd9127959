package dev.sheaf.coordinator.store.sql;

import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.coordinator.store.StoreException.Kind;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.Comparator;
import javax.sql.DataSource;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.FlywayException;
import org.flywaydb.core.api.MigrationInfo;
import org.flywaydb.core.api.MigrationVersion;

/** Brings the tables of a database to what this version knows: forward only. */
public final class Schema {
    private Schema() {}

    /**
     * Migrates.
     *
     * @param scripts folder of the class path
     * @param name of the database, for messages
     * @throws StoreException BROKEN: the tables are newer than this version, or not as its scripts made them
     * @throws SQLException the database failed
     */
    public static void migrate(DataSource database, String scripts, String name) throws SQLException {
        try {
            Flyway flyway = Flyway.configure(Schema.class.getClassLoader())
                    .dataSource(database)
                    .locations("classpath:" + scripts)
                    .table("schema_history")
                    .cleanDisabled(true)
                    .load();
            refuseNewer(flyway.info().applied(), supported(flyway), name);
            flyway.migrate();
        } catch (FlywayException e) {
            for (Throwable cause = e.getCause(); cause != null; cause = cause.getCause()) {
                if (cause instanceof SQLException failure) {
                    throw failure;
                }
            }
            throw new StoreException(
                    Kind.BROKEN,
                    "the tables in " + name + " cannot be used: " + firstLine(String.valueOf(e.getMessage())),
                    e);
        }
    }

    private static MigrationVersion supported(Flyway flyway) {
        return Arrays.stream(flyway.info().all())
                .filter(info -> info.getState().isResolved())
                .map(MigrationInfo::getVersion)
                .max(Comparator.naturalOrder())
                .orElseThrow();
    }

    private static void refuseNewer(MigrationInfo[] applied, MigrationVersion supported, String name) {
        for (MigrationInfo info : applied) {
            MigrationVersion found = info.getVersion();
            if (found != null && found.isNewerThan(supported)) {
                throw new StoreException(
                        Kind.BROKEN,
                        "the state in " + name + " has schema version " + found
                                + ", and this sheaf-coordinator supports up to " + supported
                                + ": start a version at least as new as the one that wrote it");
            }
        }
    }

    private static String firstLine(String message) {
        return message.lines().findFirst().orElse("");
    }
}
