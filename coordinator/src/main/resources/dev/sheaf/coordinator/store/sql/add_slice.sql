INSERT INTO slices (build, platform, position, state) VALUES (?, ?, ?, ?)
