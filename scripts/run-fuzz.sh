#!/usr/bin/env bash
# Tries every property of every parser FUZZ_RUNS times (a million unless set), one package after the other. For the night.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
. scripts/setup.sh
export FUZZ_RUNS="${FUZZ_RUNS:-1000000}"
failed=0
for package in $(git grep -l "from 'fast-check'" -- '*.test.ts' '*.test.tsx' | cut -d/ -f1-2 | sort -u); do
  echo "== $package, ${FUZZ_RUNS} times"
  files=$(git -C "$package" grep -l "from 'fast-check'" -- '*.test.ts' '*.test.tsx')
  # shellcheck disable=SC2086
  (cd "$package" && vitest run $files) || failed=1
done
exit $failed
