# syntax=docker/dockerfile:1
FROM alpine
ARG TARGETARCH
RUN <<EOF
set -e
wget https://example.com/tool-${TARGETARCH}.tar.gz
EOF
COPY <<'EOF' /etc/note
Our amd64 machines have x86_64 in their name, see https://example.com/x86_64/readme
$TARGETARCH is written here as it is
EOF
