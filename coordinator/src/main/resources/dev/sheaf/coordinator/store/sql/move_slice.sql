UPDATE slices SET state = ?, ended = ? WHERE build = ? AND platform = ?
