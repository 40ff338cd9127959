FROM golang AS a
ARG TARGETARCH
RUN echo $TARGETARCH
FROM alpine
RUN echo ${TARGETARCH:-amd64}
COPY --from=a /x /x
