#!/usr/bin/env bash
# Checks the Go modules and npm packages against their vulnerability databases. Exit status 1: at least
# one known vulnerability; 3: a database was unavailable, so the result is unknown.
set -uo pipefail
cd "$(dirname "$0")/.."

found=0
unavailable=0

# Installed first: "go run" would turn every exit status of the program into 1.
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
GOBIN=$tools go install golang.org/x/vuln/cmd/govulncheck@v1.9.0 && "$tools/govulncheck" ./...
status=$?
if [ "$status" -eq 3 ]; then
  found=1
elif [ "$status" -ne 0 ]; then
  echo "Go modules: not audited, govulncheck could not run or its database could not be reached." >&2
  unavailable=1
fi

# npm exits with status 1 in both cases, but only a report contains a summary.
out=$(npm audit --json 2>/dev/null)
if summary=$(node -e '
    const { metadata } = JSON.parse(require("node:fs").readFileSync(0, "utf8"));
    const { total, ...levels } = metadata.vulnerabilities;
    console.log(`npm packages: ${total} known vulnerabilities`, total ? levels : "");
    process.exitCode = total ? 4 : 0;' <<<"$out" 2>/dev/null); then
  echo "$summary"
elif [ -n "$summary" ]; then
  echo "$summary"
  found=1
else
  echo "npm packages: not audited, the registry's audit service could not be reached." >&2
  unavailable=1
fi

[ "$found" -eq 0 ] || exit 1
[ "$unavailable" -eq 0 ] || exit 3
