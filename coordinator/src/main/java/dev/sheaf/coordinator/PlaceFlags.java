package dev.sheaf.coordinator;

import dev.sheaf.coordinator.identity.IdentityStore;
import dev.sheaf.coordinator.identity.sql.JdbcIdentities;
import dev.sheaf.coordinator.store.postgres.PostgresDatabase;
import dev.sheaf.coordinator.store.postgres.PostgresSettings;
import dev.sheaf.coordinator.store.sqlite.SqliteStore;
import java.nio.file.Path;
import java.util.Map;
import picocli.CommandLine.Option;

/** Where the farm keeps what it knows. */
final class PlaceFlags {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            defaultValue = "${sys:user.home}/.local/share/sheaf/coordinator",
            description = "Directory for state, contexts and logs; one coordinator each. Default: ${DEFAULT-VALUE}")
    private Path data = Path.of("sheaf-data");

    @Option(
            names = "--postgres",
            paramLabel = "URL",
            defaultValue = "",
            description =
                    "postgresql://HOST[:PORT]/DATABASE, where several coordinators of one farm keep its state; one of"
                            + " them leads. User and password come from SHEAF_POSTGRES_USER and SHEAF_POSTGRES_PASSWORD or"
                            + " SHEAF_POSTGRES_PASSWORD_FILE. Default: none, the state is in --data")
    private String postgres = "";

    Path data() {
        return data;
    }

    boolean isShared() {
        return !postgres.isEmpty();
    }

    PostgresDatabase openPostgres(Map<String, String> environment) {
        return PostgresDatabase.open(PostgresSettings.read(postgres, environment));
    }

    /** In the data directory. */
    IdentityStore openIdentities() {
        return new JdbcIdentities(SqliteStore.identities(data));
    }
}
