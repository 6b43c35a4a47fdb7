#!/usr/bin/env bash
# Asks the Go and npm vulnerability databases about what we use. Exit status 1: something is known; 3: a database could
# not be asked, which is not the same as nothing being known.
set -uo pipefail
cd "$(dirname "$0")/.."

found=0
unasked=0

# Built first, since "go run" answers every failure of the program with status 1.
tools=$(mktemp -d)
trap 'rm -rf "$tools"' EXIT
GOBIN=$tools go install golang.org/x/vuln/cmd/govulncheck@v1.9.0 && "$tools/govulncheck" ./...
status=$?
if [ "$status" -eq 3 ]; then
  found=1
elif [ "$status" -ne 0 ]; then
  echo "Go modules: not audited, govulncheck could not run or its database could not be reached." >&2
  unasked=1
fi

# npm answers with status 1 for both, but only a report has its summary.
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
  unasked=1
fi

[ "$found" -eq 0 ] || exit 1
[ "$unasked" -eq 0 ] || exit 3
