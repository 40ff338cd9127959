FROM debian AS build
RUN wget https://example.com/protoc-27-linux-x86_64.zip
FROM scratch
COPY --from=build /x /x
