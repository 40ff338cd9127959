FROM alpine
ENV TOOL=https://example.com/tool-1.2-linux-amd64.tgz
RUN wget $TOOL
