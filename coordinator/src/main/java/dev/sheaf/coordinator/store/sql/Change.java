package dev.sheaf.coordinator.store.sql;

import dev.sheaf.coordinator.build.BuildId;
import dev.sheaf.image.ImageReference;
import java.util.List;
import java.util.Optional;

/**
 * One execution of a statement.
 *
 * @param parameters in order; an empty Optional is NULL
 * @param build whose rows it reads or changes
 * @param tag whose row it changes
 */
record Change(Sql sql, List<Object> parameters, BuildId build, Optional<ImageReference> tag) {
    Change {
        parameters = List.copyOf(parameters);
    }
}
