# The server with Node 26 and what it needs at run time; no shell scripts, no build step.
FROM node:26-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev

FROM node:26-slim
LABEL org.opencontainers.image.description="A pull-through caching mirror for container images"
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json mirrors.yaml ./
COPY src ./src
RUN install -d -o node -g node /app/data
USER node
VOLUME /app/data
EXPOSE 5000
# For the shipped mirrors.yaml; another listen: needs another address here.
HEALTHCHECK CMD ["node", "-e", "fetch('http://127.0.0.1:5000/healthz').then(r => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
ENTRYPOINT ["node", "src/main.ts"]
CMD ["serve"]
