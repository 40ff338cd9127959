FROM ubuntu
RUN arch=$(dpkg --print-architecture) && \
    echo "deb [arch=$arch] https://example.com/repo stable main" > /etc/apt/sources.list.d/x.list && \
    if [ "$arch" = amd64 ]; then curl -LO https://example.com/extra_amd64.deb; fi
