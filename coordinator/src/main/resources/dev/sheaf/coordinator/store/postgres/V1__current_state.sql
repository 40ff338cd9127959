-- The current state of the farm: not a log of events. Times are ISO 8601 in UTC, to the nanosecond; request, state,
-- holder, result and reference are JSON, kept as written. Nothing here is secret.

-- One row, which every append changes.
CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch BIGINT NOT NULL,
    batch BIGINT NOT NULL,
    highest_fence BIGINT NOT NULL,
    highest_order BIGINT NOT NULL
);
INSERT INTO head (one, epoch, batch, highest_fence, highest_order) VALUES (1, 0, 0, 0, 0);

-- Who leads, until when by the clock of this database. Its epoch is that of the head.
CREATE TABLE leader (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch BIGINT NOT NULL,
    holder TEXT NOT NULL,
    address TEXT NOT NULL,
    until TIMESTAMPTZ NOT NULL
);
INSERT INTO leader (one, epoch, holder, address, until) VALUES (1, 0, '', '', '-infinity');

-- state and result: NULL while the build is open. moving: digests of the indexes that its tags were to be moved to,
-- separated by spaces. rebuilt: what the registry loses is not built again.
CREATE TABLE builds (
    id TEXT PRIMARY KEY,
    position BIGINT NOT NULL UNIQUE,
    request JSON NOT NULL,
    has_attachments BOOLEAN NOT NULL,
    submitted TEXT NOT NULL,
    moving TEXT NOT NULL DEFAULT '',
    rebuilt BOOLEAN NOT NULL DEFAULT FALSE,
    state TEXT,
    result JSON
);

CREATE TABLE slices (
    build TEXT NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    platform TEXT NOT NULL,
    position INTEGER NOT NULL,
    state JSON NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    holder JSON,
    started TEXT,
    ended TEXT,
    PRIMARY KEY (build, platform)
);

-- The build that moved each tag last; forgotten with it.
CREATE TABLE tags (
    tag TEXT PRIMARY KEY,
    reference JSON NOT NULL,
    build TEXT NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    build_position BIGINT NOT NULL,
    index_digest TEXT NOT NULL,
    moved TEXT NOT NULL
);
CREATE INDEX tags_build ON tags (build);

-- Who may call. Of tokens there are SHA-256 hashes only. platforms: separated by spaces; empty: any. Times are
-- ISO 8601 in UTC.
CREATE TABLE invitations (
    id TEXT PRIMARY KEY,
    secret_sha256 TEXT NOT NULL,
    pool TEXT NOT NULL,
    platforms TEXT NOT NULL,
    agent TEXT NOT NULL,
    expires TEXT NOT NULL
);

CREATE TABLE agents (
    name TEXT PRIMARY KEY,
    pool TEXT NOT NULL,
    platforms TEXT NOT NULL,
    key_sha256 TEXT NOT NULL UNIQUE,
    joined TEXT NOT NULL,
    joined_from TEXT NOT NULL,
    expires TEXT NOT NULL,
    revoked TEXT
);

CREATE TABLE drained (
    agent TEXT PRIMARY KEY
);

CREATE TABLE users (
    name TEXT PRIMARY KEY,
    team TEXT NOT NULL,
    operator INTEGER NOT NULL,
    token TEXT NOT NULL UNIQUE,
    secret_sha256 TEXT NOT NULL,
    added TEXT NOT NULL
);
