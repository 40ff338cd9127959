package dev.sheaf.coordinator.identity;

import java.time.Instant;

/**
 * A person or a pipeline, with its one token.
 *
 * @param tokenId of its token
 * @param secretHash SHA-256 of the token's secret, in hex
 */
public record User(String name, String team, boolean isOperator, String tokenId, String secretHash, Instant added) {
    public User {
        Names.require("user", name);
        Names.require("team", team);
    }

    Caller.User caller() {
        return new Caller.User(name, team, isOperator);
    }
}
