#!/usr/bin/env bash
# Jaeger alone, for the stack that start-infra.sh starts: a jaeger binary where one is on the PATH, else the container.
# Runs until Ctrl+C. Traces are kept in memory and end with it.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

image=${JAEGER_IMAGE:-docker.io/jaegertracing/jaeger:2.13.0}
config=infra/jaeger/config.yaml

if (exec 3<>/dev/tcp/127.0.0.1/4317) 2>/dev/null; then
  echo "Something listens on port 4317 already. If it is Jaeger, its UI is at http://localhost:16686" >&2
  exit 1
fi

echo "Jaeger's UI: http://localhost:16686   (spans: 4317 by gRPC, 4318 by HTTP)"
if command -v jaeger >/dev/null 2>&1; then
  exec jaeger --config "$config"
fi
if command -v docker >/dev/null 2>&1; then
  exec docker run --rm --name aauth-jaeger --env JAEGER_LISTEN_HOST=0.0.0.0 \
    --publish 127.0.0.1:4317:4317 --publish 127.0.0.1:4318:4318 --publish 127.0.0.1:16686:16686 \
    --volume "$PWD/$config:/etc/jaeger/config.yaml:ro" --read-only --memory 512m \
    "$image" --config /etc/jaeger/config.yaml
fi
echo "Neither jaeger nor docker is on the PATH. Jaeger 2: https://www.jaegertracing.io/download/" >&2
exit 1
