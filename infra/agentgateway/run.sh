#!/usr/bin/env bash
# The real agentgateway on port 3000 in place of the proxy's own gateway, on the same files of infra/gateway:
#
#   infra/agentgateway/run.sh mode1
#
# It prints how to start the stack behind it, and runs until Ctrl+C.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
. scripts/setup.sh
node scripts/src/agentgateway/main.ts "$@"
if ! command -v agentgateway >/dev/null 2>&1; then
  echo "agentgateway is not on the PATH. See https://agentgateway.dev/docs/" >&2
  exit 1
fi
exec agentgateway -f "${AAUTH_DATA_DIR:-.data}/agentgateway/gateway.yaml"
