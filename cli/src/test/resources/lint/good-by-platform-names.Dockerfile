FROM example.com/base/linux-${TARGETARCH}:1
ARG TARGETARCH
COPY bin/app-${TARGETARCH} /app
