FROM ubuntu
RUN echo "deb [arch=amd64 signed-by=/k.gpg] https://example.com/linux/debian stable main" > /etc/apt/sources.list.d/a.list
