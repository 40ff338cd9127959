FROM --platform=linux/amd64 alpine AS docs
COPY docs /docs
FROM alpine
COPY --from=docs /docs /docs
