SELECT id, position, request, has_attachments, submitted, moving, rebuilt, state, result FROM builds ORDER BY position
