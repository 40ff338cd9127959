FROM alpine
RUN ["/bin/echo", "$TARGETARCH"]
ENTRYPOINT ["/app", "--arch", "amd64"]
