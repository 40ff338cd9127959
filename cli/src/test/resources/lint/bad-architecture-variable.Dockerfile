FROM alpine
ARG ARCH=x86_64
RUN wget https://example.com/tool-$ARCH.tgz
