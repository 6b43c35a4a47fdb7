#!/usr/bin/env bash
# Fails with advice if Node is missing or too old for Vite.
set -euo pipefail

wanted="The front end needs Node 20.19, 22.12 or newer: see nodejs.org."
if ! command -v node >/dev/null; then
  echo "Node was not found. $wanted" >&2
  exit 1
fi
if ! node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit((a === 20 && b >= 19) || (a === 22 && b >= 12) || a > 22 ? 0 : 1)'; then
  echo "Node $(node --version) is too old. $wanted" >&2
  exit 1
fi
