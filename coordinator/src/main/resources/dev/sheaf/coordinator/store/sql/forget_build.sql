DELETE FROM builds WHERE id = ?
