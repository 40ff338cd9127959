ARG TARGETARCH
FROM alpine
RUN wget https://example.com/tool-$TARGETARCH.tgz
RUN echo $TARGETARCH again
