# The agent as an image. The context is a directory with the tarballs of deploy/dist:
#   sheaf build --platform linux/amd64,linux/arm64 -f deploy/docker/agent.Dockerfile -t REGISTRY/sheaf-agent:1 --push target/dist
# BASE needs glibc, zlib and a shell.
ARG BASE=debian:trixie-slim
FROM ${BASE} AS unpacked
ARG TARGETARCH
ADD sheaf-*-linux-${TARGETARCH}.tar.gz /
RUN mv /sheaf-*-linux-${TARGETARCH} /sheaf

FROM ${BASE}
# The same layer in the images of all three programs.
COPY --from=unpacked /sheaf /opt/sheaf
# The engine's socket is mounted: docker run -v /var/run/docker.sock:/var/run/docker.sock -v /proc/sys/fs/binfmt_misc:/proc/sys/fs/binfmt_misc:ro
ENTRYPOINT ["/opt/sheaf/bin/sheaf-agent"]
