UPDATE slices
SET state = ?, attempts = ?, holder = ?, started = COALESCE(started, ?), ended = NULL
WHERE build = ? AND platform = ?
