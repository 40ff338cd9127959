UPDATE builds SET rebuilt = TRUE WHERE id = ?
