-- What layers hold, by the digest of the layer, so that no layer is read twice: compressed JSON. bytes: of facts.
-- used: ISO 8601 in UTC. All of it can be read again from a registry.
CREATE TABLE layers (
    digest TEXT PRIMARY KEY,
    facts BLOB NOT NULL,
    bytes INTEGER NOT NULL,
    used TEXT NOT NULL
) STRICT;
CREATE INDEX layers_used ON layers (used);
