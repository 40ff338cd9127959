FROM alpine
RUN curl -LO https://github.com/someone/arm64-notes/archive/main.tar.gz \
 && curl -o /srv/amd64-manual.pdf https://example.com/manual.pdf
LABEL about="runs on amd64 and arm64"
ENV DOCS=https://example.com/amd64guide
