FROM alpine
RUN <<EOF
wget https://example.com/tool_aarch64.zip
EOF
