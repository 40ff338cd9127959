FROM alpine
RUN wget -q https://dl.example.com/release/v1.33.0/bin/linux/amd64/kubectl -O /usr/bin/kubectl
