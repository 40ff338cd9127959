FROM alpine AS base
ARG TARGETARCH
ARG TARGETVARIANT
FROM base
RUN echo $TARGETARCH > /arch
ADD https://example.com/tool-${TARGETARCH}.tgz /opt/
