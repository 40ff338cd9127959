FROM --platform=$BUILDPLATFORM golang
RUN go build .
