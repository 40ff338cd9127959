UPDATE builds SET tags_moving = TRUE WHERE id = ?
