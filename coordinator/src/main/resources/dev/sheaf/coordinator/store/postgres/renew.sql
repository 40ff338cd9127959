UPDATE leader
SET until = clock_timestamp() + ? * INTERVAL '1 millisecond'
WHERE epoch = ? AND holder = ?
