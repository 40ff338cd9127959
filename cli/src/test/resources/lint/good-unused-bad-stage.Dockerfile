FROM --platform=linux/amd64 alpine AS legacy
RUN curl -O https://example.com/legacy-x86_64.tgz
FROM alpine
RUN echo ok
