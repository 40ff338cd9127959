UPDATE builds SET moving = TRIM(moving || ' ' || ?) WHERE id = ?
