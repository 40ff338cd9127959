package dev.sheaf.coordinator.store.sql;

import dev.sheaf.coordinator.store.Decision;
import dev.sheaf.coordinator.store.Store;
import dev.sheaf.coordinator.store.StoreException;
import dev.sheaf.coordinator.store.StoreException.Kind;
import dev.sheaf.coordinator.store.Stored;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Decisions in the tables of a database. An append is one transaction that first moves the head on: from exactly the
 * batch that this store appended last, under exactly its own epoch. So a commit whose outcome is unknown is found out by
 * trying again, and a database that another coordinator wrote to, or that went back in time, takes nothing.
 */
public final class JdbcStore implements Store {
    private static final int MAX_TRIES = 5;

    private final Database database;
    private final long epoch;

    /** Number of the last batch that is known to be kept. */
    private long batch;

    /** What may be batch {@code batch + 1} already: its commit was asked for, and not answered. */
    private @Nullable List<Decision> unsettled;

    /** Why nothing is kept any more. */
    private @Nullable StoreException end;

    private JdbcStore(Database database, long epoch, long batch) {
        this.database = database;
        this.epoch = epoch;
        this.batch = batch;
    }

    /**
     * Opens the store, under the epoch of the leader. It closes the database in the end, also when this throws.
     *
     * @throws StoreException SUPERSEDED: another epoch leads
     */
    public static JdbcStore open(Database database, long epoch) {
        try {
            Head head = database.run(connection -> {
                Head found = Head.read(connection);
                connection.rollback();
                return found;
            });
            if (head.epoch() != epoch) {
                throw superseded(epoch, head.epoch());
            }
            return new JdbcStore(database, epoch, head.batch());
        } catch (SQLException e) {
            database.close();
            throw database.explain(e);
        } catch (StoreException e) {
            database.close();
            throw e;
        }
    }

    @Override
    public synchronized void append(List<Decision> decisions) {
        if (end != null) {
            throw new StoreException(end.kind(), end.getMessage() + " (nothing is kept since)", end);
        }
        if (decisions.isEmpty()) {
            return;
        }
        List<Change> changes = Changes.of(decisions);
        for (int tries = 1; !append(decisions, changes, tries); tries++) {
            // the outcome of an earlier batch was found out, or the failure has passed
        }
    }

    @Override
    public synchronized Stored load() {
        try {
            return database.run(connection -> {
                try {
                    return Tables.read(connection);
                } finally {
                    connection.rollback();
                }
            });
        } catch (SQLException e) {
            throw database.explain(e);
        }
    }

    @Override
    public synchronized void close() {
        end = new StoreException(Kind.BROKEN, "the store is closed");
        database.close();
    }

    /** Returns whether they are kept; false: to be tried again. */
    private boolean append(List<Decision> decisions, List<Change> changes, int tries) {
        try {
            return database.run(connection -> {
                try {
                    return transact(connection, decisions, changes);
                } catch (SQLException | RuntimeException e) {
                    rollBack(connection, e);
                    throw e;
                }
            });
        } catch (SQLException e) {
            if (tries < MAX_TRIES && database.isPassing(e)) {
                return false;
            }
            throw remembered(database.explain(e));
        } catch (StoreException e) {
            throw remembered(e);
        }
    }

    private boolean transact(Connection connection, List<Decision> decisions, List<Change> changes)
            throws SQLException {
        if (!Head.advance(connection, epoch, batch, decisions)) {
            Head found = Head.read(connection);
            connection.rollback();
            return settle(found, decisions);
        }
        Tables.write(connection, changes);
        unsettled = decisions;
        connection.commit();
        unsettled = null;
        batch++;
        return true;
    }

    /** The head is not where it was left: it says whether an unanswered commit was carried out. */
    private boolean settle(Head found, List<Decision> decisions) {
        if (found.epoch() != epoch) {
            throw superseded(epoch, found.epoch());
        }
        List<Decision> kept = unsettled;
        if (kept == null || found.batch() != batch + 1) {
            throw new StoreException(
                    Kind.BROKEN,
                    "the stored state was changed behind this coordinator: it has batch " + found.batch()
                            + ", and this coordinator kept " + batch
                            + "; if a replica or a copy took the place of the database, start the coordinator anew");
        }
        unsettled = null;
        batch++;
        return kept.equals(decisions);
    }

    /** After these, going on could keep what rests on decisions that are lost. */
    private StoreException remembered(StoreException failure) {
        if (failure.kind() != Kind.UNAVAILABLE) {
            end = failure;
        }
        return failure;
    }

    private static StoreException superseded(long epoch, long found) {
        return new StoreException(
                Kind.SUPERSEDED,
                "another coordinator leads the farm: the state belongs to epoch " + found + ", this coordinator's is "
                        + epoch);
    }

    private static void rollBack(Connection connection, Exception reason) {
        try {
            connection.rollback();
        } catch (SQLException e) {
            reason.addSuppressed(e);
        }
    }
}
