FROM golang
ENV GOOS=linux GOARCH=amd64
RUN go build .
