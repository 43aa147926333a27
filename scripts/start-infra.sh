#!/usr/bin/env bash
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/setup.sh
# What one start has compiled, the next need not: this program's code and that of the services it starts.
export NODE_COMPILE_CACHE="$PWD/node_modules/.cache/compiled"
exec node scripts/src/start-infra.ts "$@"
