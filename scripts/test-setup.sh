#!/usr/bin/env bash
# Prepares `make test`: builds the linter while apt-get and npm wait for the network. On a clean clone that is
# minutes of compiling. Fails if one of the two fails, and says which.
set -uo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
go tool -modfile=tools/go.mod golangci-lint version >"$log" 2>&1 &
linter=$!
trap 'kill "$linter" 2>/dev/null; rm -f "$log"' EXIT

scripts/test-deps.sh && "${MAKE:-make}" node_modules/.package-lock.json
packages_status=$?
if [ "$packages_status" -ne 0 ]; then
  echo "The packages for the tests could not be installed: status $packages_status" >&2
  exit "$packages_status"
fi

wait "$linter"
linter_status=$?
if [ "$linter_status" -ne 0 ]; then
  cat "$log" >&2
  echo "golangci-lint could not be built: status $linter_status" >&2
fi
[ "$packages_status" -eq 0 ] && [ "$linter_status" -eq 0 ]
