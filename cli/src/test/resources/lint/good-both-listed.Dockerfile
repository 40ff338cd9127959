FROM debian:13
RUN set -eux; \
    curl -fsSLo /opt/amd64.tgz https://example.com/tool-linux-amd64.tgz; \
    curl -fsSLo /opt/arm64.tgz https://example.com/tool-linux-arm64.tgz
