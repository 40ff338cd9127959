UPDATE builds SET state = ?, result = ? WHERE id = ?
