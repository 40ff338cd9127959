FROM debian:13
RUN apt-get install -y libx264-dev fonts-386 && curl -O https://example.com/x264-master.tar.bz2
