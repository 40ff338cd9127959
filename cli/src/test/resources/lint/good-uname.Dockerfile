FROM alpine
RUN wget -O /usr/bin/jq https://example.com/jq-linux-$(uname -m | sed s/x86_64/amd64/ | sed s/aarch64/arm64/)
