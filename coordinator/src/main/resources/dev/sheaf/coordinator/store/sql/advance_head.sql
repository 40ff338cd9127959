UPDATE head
SET batch = batch + 1,
    highest_fence = CASE WHEN highest_fence < ? THEN ? ELSE highest_fence END,
    highest_order = CASE WHEN highest_order < ? THEN ? ELSE highest_order END
WHERE epoch = ? AND batch = ?
