#!/usr/bin/env bash
# For the night: tries every property of every parser FUZZ_RUNS times (a million unless set), one package after the other. Then explores
# the parsers guided by the code that their input makes run, FUZZ_RUNS texts or FUZZ_SECONDS (600) for each; what made code run that
# nothing else did is kept in corpus/, beside the targets, and is read again in every test run.
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
node packages/fuzz/src/main.ts --runs "$FUZZ_RUNS" --seconds "${FUZZ_SECONDS:-600}" || failed=1
exit $failed
