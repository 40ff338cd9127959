package dev.sheaf.coordinator.store.postgres;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Where the PostgreSQL is, and who we are there.
 *
 * @param address {@code postgresql://host[:port][,host...]/database[?option=value...]}, without user and password
 * @param password empty: the driver looks in {@code ~/.pgpass} or the file that {@code PGPASSFILE} names
 */
public record PostgresSettings(String address, Optional<String> user, Optional<String> password) {
    /** The variable with the name of the user. */
    public static final String USER = "SHEAF_POSTGRES_USER";

    /** The variable with the password. */
    public static final String PASSWORD = "SHEAF_POSTGRES_PASSWORD";

    /** The variable with the name of a file that holds the password. */
    public static final String PASSWORD_FILE = "SHEAF_POSTGRES_PASSWORD_FILE";

    private static final String SCHEME = "postgresql://";

    /** Takes the address with and without {@code jdbc:} before it; refuses one that holds a secret. */
    public PostgresSettings {
        address = address.startsWith("jdbc:") ? address.substring("jdbc:".length()) : address;
        if (!address.startsWith(SCHEME)) {
            throw new IllegalArgumentException(
                    "a PostgreSQL is named as " + SCHEME + "host[:port]/database, and this does not begin so");
        }
        String options = address.toLowerCase(Locale.ROOT);
        int question = options.indexOf('?');
        String place = question < 0 ? options : options.substring(0, question);
        if (place.contains("@") || (question >= 0 && options.substring(question).matches(".*[?&](password|user)=.*"))) {
            throw new IllegalArgumentException("the address of a PostgreSQL holds no user and no password: set " + USER
                    + " and " + PASSWORD + " or " + PASSWORD_FILE);
        }
    }

    /**
     * With user and password from the environment.
     *
     * @throws IllegalArgumentException one sentence about what is wrong; never with a password
     */
    public static PostgresSettings read(String address, Map<String, String> environment) {
        Optional<String> password = value(environment, PASSWORD);
        Optional<String> file = value(environment, PASSWORD_FILE);
        if (password.isPresent() && file.isPresent()) {
            throw new IllegalArgumentException("both " + PASSWORD + " and " + PASSWORD_FILE + " are set: set one");
        }
        return new PostgresSettings(
                address, value(environment, USER), password.or(() -> file.map(PostgresSettings::content)));
    }

    private static Optional<String> value(Map<String, String> environment, String name) {
        return Optional.ofNullable(environment.get(name)).filter(text -> !text.isEmpty());
    }

    private static String content(String file) {
        try {
            return Files.readString(Path.of(file)).strip();
        } catch (IOException e) {
            throw new IllegalArgumentException(PASSWORD_FILE + " names " + file + ", which cannot be read", e);
        }
    }

    /** For messages: the address without options. */
    String name() {
        int question = address.indexOf('?');
        return question < 0 ? address : address.substring(0, question);
    }

    @Override
    public String toString() {
        return name();
    }
}
