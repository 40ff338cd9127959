FROM fedora
RUN dnf install -y https://example.com/tool-1.0.x86_64.rpm
