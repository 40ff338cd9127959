UPDATE slices SET state = ?, ended = ?, holder = COALESCE(?, holder) WHERE build = ? AND platform = ?
