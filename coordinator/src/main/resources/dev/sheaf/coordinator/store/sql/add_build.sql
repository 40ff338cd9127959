INSERT INTO builds (id, position, request, has_attachments, submitted) VALUES (?, ?, ?, ?, ?)
