FROM --platform=linux/amd64 node AS assets
RUN npm ci
FROM nginx
COPY --from=assets /dist /dist
