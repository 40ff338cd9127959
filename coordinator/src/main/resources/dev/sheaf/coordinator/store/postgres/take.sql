-- A candidate takes the row from itself as well: it asks because an answer was lost, or it gave up.
WITH taken AS (
    UPDATE leader
    SET epoch = epoch + 1, holder = ?, address = ?, until = clock_timestamp() + ? * INTERVAL '1 millisecond'
    WHERE until <= clock_timestamp() OR holder = ?
    RETURNING epoch
)
UPDATE head SET epoch = taken.epoch FROM taken RETURNING head.epoch
