FROM debian:13
RUN apt-get update \
 && curl -fsSL https://example.com/releases/v1/tool-linux-x86_64.tar.gz | tar xz
