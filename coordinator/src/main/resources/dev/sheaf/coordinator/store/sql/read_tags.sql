SELECT reference, build, build_position, index_digest, moved FROM tags
