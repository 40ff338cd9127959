FROM alpine
ARG TARGETARCH=amd64
RUN wget https://example.com/tool-$TARGETARCH
