-- Who may call. Of tokens there are SHA-256 hashes only. platforms: separated by spaces; empty: any. Times are
-- ISO 8601 in UTC.
CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    secret_sha256 TEXT NOT NULL,
    pool TEXT NOT NULL,
    platforms TEXT NOT NULL,
    agent TEXT NOT NULL,
    expires TEXT NOT NULL
) STRICT;

CREATE TABLE agents (
    name TEXT PRIMARY KEY,
    pool TEXT NOT NULL,
    platforms TEXT NOT NULL,
    key_sha256 TEXT NOT NULL UNIQUE,
    joined TEXT NOT NULL,
    joined_from TEXT NOT NULL,
    expires TEXT NOT NULL,
    revoked TEXT
) STRICT;

CREATE TABLE drained (
    agent TEXT PRIMARY KEY
) STRICT;

CREATE TABLE users (
    name TEXT PRIMARY KEY,
    team TEXT NOT NULL,
    operator INTEGER NOT NULL,
    token TEXT NOT NULL UNIQUE,
    secret_sha256 TEXT NOT NULL,
    added TEXT NOT NULL
) STRICT;
