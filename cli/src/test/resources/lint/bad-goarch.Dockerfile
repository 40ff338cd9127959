FROM golang AS build
RUN CGO_ENABLED=0 GOOS=linux GOARCH=amd64 go build -o /app .
FROM scratch
COPY --from=build /app /app
