#!/usr/bin/env bash
# Runs the front end's unit tests and the browser tests in parallel: the browser tests mostly wait, and leave
# a core idle. Prints the output of the unit tests at the end, and fails if either fails.
set -uo pipefail
cd "$(dirname "$0")/.."

log=$(mktemp)
"${MAKE:-make}" test-pages >"$log" 2>&1 &
pages=$!
trap 'kill "$pages" 2>/dev/null; rm -f "$log"' EXIT

"${MAKE:-make}" test-browser
browser_status=$?
wait "$pages"
pages_status=$?
cat "$log"
if [ "$pages_status" -ne 0 ] || [ "$browser_status" -ne 0 ]; then
  echo "Front-end unit tests: status $pages_status; browser tests: status $browser_status" >&2
  exit 1
fi
