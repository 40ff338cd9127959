INSERT INTO tags (tag, reference, index_digest, moved, build, build_position)
SELECT ?, ?, ?, ?, id, position FROM builds WHERE id = ?
ON CONFLICT (tag) DO UPDATE
SET reference = excluded.reference,
    index_digest = excluded.index_digest,
    moved = excluded.moved,
    build = excluded.build,
    build_position = excluded.build_position
