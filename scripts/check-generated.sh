#!/usr/bin/env bash
# Says whether the generated files are what the API's document makes of them. Generates elsewhere and compares, so that
# it changes nothing and works on a tree with changes of its own.
set -euo pipefail
cd "$(dirname "$0")/.."

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
scripts/generate.sh "$fresh"

stale=0
while IFS= read -r file; do
  if ! diff -u "$file" "$fresh/$file" | head -n 40; then
    echo "$file is not what internal/api/openapi.yaml makes of it." >&2
    stale=1
  fi
done < <(cd "$fresh" && find . -type f | cut -c3- | sort)

if [ "$stale" -ne 0 ]; then
  echo "Run make generate, and commit what it changes." >&2
  exit 1
fi
echo "Generated files are up to date."
