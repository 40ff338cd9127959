package dev.sheaf.coordinator;

import com.github.benmanes.caffeine.cache.Ticker;
import dev.sheaf.coordinator.identity.Gate;
import dev.sheaf.coordinator.identity.IdentityStore;
import dev.sheaf.coordinator.identity.Registrar;
import dev.sheaf.coordinator.identity.Secrets;
import dev.sheaf.coordinator.identity.pki.FarmAuthority;
import dev.sheaf.coordinator.identity.sql.JdbcIdentities;
import dev.sheaf.coordinator.store.postgres.PostgresDatabase;
import dev.sheaf.endpoint.tls.Token;
import java.io.IOException;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code sheaf-coordinator users}: for the first operator, who cannot ask the farm yet. */
@Command(
        name = "users",
        mixinStandardHelpOptions = true,
        description = "Adds users on the coordinator's machine, whether it runs or not. Operators use \"sheaf users\".")
final class UsersCommand implements Runnable {
    private final CoordinatorMain.Surroundings surroundings;

    @Spec
    private @Nullable CommandSpec spec;

    UsersCommand(CoordinatorMain.Surroundings surroundings) {
        this.surroundings = surroundings;
    }

    @Override
    public void run() {
        if (spec != null) {
            throw new ParameterException(spec.commandLine(), "say what to do: sheaf-coordinator users add NAME");
        }
    }

    @Command(
            name = "add",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            description = "Adds a user, or gives one a new token, and prints the token, once.",
            footerHeading = "%nExample:%n",
            footer = "  sheaf-coordinator users add --operator --team platform alice")
    int add(
            @Mixin PlaceFlags place,
            @Mixin TlsFlags tls,
            @Option(
                            names = "--team",
                            paramLabel = "TEAM",
                            required = true,
                            description = "Whose builds the user's are.")
                    String team,
            @Option(names = "--operator", description = "May invite and revoke agents, and add users.")
                    boolean operator,
            @Parameters(paramLabel = "NAME", description = "Of the user.") String name)
            throws IOException {
        InstantSource clock = surroundings.clock();
        FarmAuthority authority = tls.open(place.data(), clock.instant(), surroundings.random())
                .map(identity -> new FarmAuthority(identity.agents(), identity.pin(), clock))
                .orElseThrow(() -> new IllegalArgumentException(
                        "the coordinator has no certificate yet: run \"sheaf-coordinator init --data " + place.data()
                                + " --name HOST\" first"));
        Token token = place.isShared()
                ? addShared(place, authority, new Wish(name, team, operator))
                : add(place.openIdentities(), authority, new Wish(name, team, operator));
        if (spec != null) {
            spec.commandLine().getOut().println(token.text());
        }
        return 0;
    }

    private record Wish(String name, String team, boolean operator) {}

    private Token addShared(PlaceFlags place, FarmAuthority authority, Wish wish) {
        try (PostgresDatabase database = place.openPostgres(surroundings.environment())) {
            return add(new JdbcIdentities(database.identities()), authority, wish);
        }
    }

    private Token add(IdentityStore opened, FarmAuthority authority, Wish wish) {
        try (IdentityStore store = opened) {
            InstantSource clock = surroundings.clock();
            Registrar registrar = new Registrar(
                    store,
                    authority,
                    new Secrets(surroundings.random()),
                    clock,
                    new Gate(store, clock, Ticker.disabledTicker()));
            return registrar.addUser(wish.name(), wish.team(), wish.operator());
        }
    }
}
