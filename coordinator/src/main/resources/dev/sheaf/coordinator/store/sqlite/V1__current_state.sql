-- The current state of the farm: not a log of events. Times are ISO 8601 in UTC; request, state, holder, result and
-- reference are JSON. Nothing here is secret.

-- One row, which every append changes.
CREATE TABLE head (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    epoch INTEGER NOT NULL,
    batch INTEGER NOT NULL,
    highest_fence INTEGER NOT NULL,
    highest_order INTEGER NOT NULL
) STRICT;
INSERT INTO head (one, epoch, batch, highest_fence, highest_order) VALUES (1, 0, 0, 0, 0);

-- state and result: NULL while the build is open. moving: digests of the indexes that its tags were to be moved to,
-- separated by spaces. rebuilt: what the registry loses is not built again.
CREATE TABLE builds (
    id TEXT PRIMARY KEY,
    position INTEGER NOT NULL UNIQUE,
    request TEXT NOT NULL,
    has_attachments INTEGER NOT NULL,
    submitted TEXT NOT NULL,
    moving TEXT NOT NULL DEFAULT '',
    rebuilt INTEGER NOT NULL DEFAULT 0,
    state TEXT,
    result TEXT
) STRICT, WITHOUT ROWID;

CREATE TABLE slices (
    build TEXT NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    platform TEXT NOT NULL,
    position INTEGER NOT NULL,
    state TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    holder TEXT,
    started TEXT,
    ended TEXT,
    PRIMARY KEY (build, platform)
) STRICT, WITHOUT ROWID;

-- The build that moved each tag last; forgotten with it.
CREATE TABLE tags (
    tag TEXT PRIMARY KEY,
    reference TEXT NOT NULL,
    build TEXT NOT NULL REFERENCES builds (id) ON DELETE CASCADE,
    build_position INTEGER NOT NULL,
    index_digest TEXT NOT NULL,
    moved TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX tags_build ON tags (build);
