# The command line as an image, for CI jobs. The context is a directory with the tarballs of deploy/dist:
#   sheaf build --platform linux/amd64,linux/arm64 -f deploy/docker/cli.Dockerfile -t REGISTRY/sheaf:1 --push target/dist
# BASE needs glibc, zlib and a shell; git contexts also want git.
ARG BASE=debian:trixie-slim
FROM ${BASE} AS unpacked
ARG TARGETARCH
ADD sheaf-*-linux-${TARGETARCH}.tar.gz /
RUN mv /sheaf-*-linux-${TARGETARCH} /sheaf

FROM ${BASE}
# The same layer in the images of all three programs.
COPY --from=unpacked /sheaf /opt/sheaf
ENTRYPOINT ["/opt/sheaf/bin/sheaf"]
