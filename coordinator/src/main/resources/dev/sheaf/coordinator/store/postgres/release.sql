UPDATE leader SET until = clock_timestamp() WHERE epoch = ? AND holder = ?
