FROM ubuntu
RUN apt-get install -y ./chrome_current_amd64.deb
