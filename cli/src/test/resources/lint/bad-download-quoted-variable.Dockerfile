FROM alpine
ENV V=1
RUN curl -L "https://nodejs.example/dist/v${V}/node-v${V}-linux-x64.tar.xz" -o node.tar.xz
