SELECT slices.build, slices.platform, slices.position, slices.state, slices.attempts, slices.holder,
       slices.started, slices.ended
FROM slices JOIN builds ON builds.id = slices.build
ORDER BY builds.position, slices.position
