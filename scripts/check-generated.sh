#!/usr/bin/env bash
# Fails if the generated files do not match internal/api/openapi.yaml. Generates into a temporary folder
# and compares, so it changes no files and works with uncommitted changes.
set -euo pipefail
cd "$(dirname "$0")/.."

fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
scripts/generate.sh "$fresh"

stale=0
while IFS= read -r file; do
  if ! diff -u "$file" "$fresh/$file" | head -n 40; then
    echo "$file does not match internal/api/openapi.yaml." >&2
    stale=1
  fi
done < <(cd "$fresh" && find . -type f | cut -c3- | sort)

if [ "$stale" -ne 0 ]; then
  echo "Run make generate, and commit the changes." >&2
  exit 1
fi
echo "Generated files are up to date."
