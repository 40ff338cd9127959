# The coordinator as an image. The context is a directory with the tarballs of deploy/dist:
#   sheaf build --platform linux/amd64,linux/arm64 -f deploy/docker/coordinator.Dockerfile -t REGISTRY/sheaf-coordinator:1 --push target/dist
# BASE needs glibc, zlib and a shell.
ARG BASE=debian:trixie-slim
FROM ${BASE} AS unpacked
ARG TARGETARCH
ADD sheaf-*-linux-${TARGETARCH}.tar.gz /
RUN mv /sheaf-*-linux-${TARGETARCH} /sheaf && mkdir /data && chown 65532:65532 /data

FROM ${BASE}
# The same layer in the images of all three programs.
COPY --from=unpacked /sheaf /opt/sheaf
COPY --from=unpacked --chown=65532:65532 /data /data
USER 65532:65532
VOLUME /data
EXPOSE 7420
ENTRYPOINT ["/opt/sheaf/bin/sheaf-coordinator", "--data", "/data"]
