FROM alpine
RUN TARGETARCH=$(apk --print-arch) && echo $TARGETARCH
ENV TARGETOS=linux
RUN echo $TARGETOS
CMD echo $BUILDARCH
