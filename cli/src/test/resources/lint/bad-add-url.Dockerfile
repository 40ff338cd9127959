FROM alpine
ADD --chmod=755 https://example.com/tini-amd64 /tini
