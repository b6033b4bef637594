# The server with Node 26 and what it needs at run time.
FROM node:26-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci
COPY build.ts build-ui.ts ./
COPY src ./src
RUN npm run build

FROM node:26-slim AS dependencies
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev

FROM node:26-slim
LABEL org.opencontainers.image.description="A pull-through caching mirror for container images"
WORKDIR /app
COPY --from=dependencies /app/node_modules ./node_modules
COPY package.json mirrors.yaml ./
COPY --from=build /app/dist ./dist
RUN install -d -o node -g node /app/data
USER node
VOLUME /app/data
EXPOSE 5000
# For the shipped mirrors.yaml, and with tls: set; another listen: needs another address here.
HEALTHCHECK CMD ["node", "-e", "const ask = (scheme, otherwise) => require(scheme).get(scheme + '://127.0.0.1:5000/healthz', { rejectUnauthorized: false }, r => r.statusCode === 200 ? process.exit(0) : otherwise()).on('error', otherwise); ask('http', () => ask('https', () => process.exit(1)))"]
ENTRYPOINT ["node", "--max-semi-space-size=1", "--heap-growing-percent=40", "dist/main.js"]
CMD ["serve"]
