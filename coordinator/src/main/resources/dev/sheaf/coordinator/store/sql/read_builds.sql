SELECT id, position, request, has_attachments, submitted, moving, state, result FROM builds ORDER BY position
