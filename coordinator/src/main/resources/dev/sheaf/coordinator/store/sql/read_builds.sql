SELECT id, position, request, has_attachments, submitted, tags_moving, state, result FROM builds ORDER BY position
