# escape=`
FROM alpine
RUN echo one `
 two
COPY a`
  b /c
