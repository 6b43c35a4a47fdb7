#!/usr/bin/env bash
# Runs the unit tests of what changed: in the working tree, or in the last commit if the tree is clean.
#
#   scripts/check-changed.sh [BASE]    compares with BASE instead
set -euo pipefail
cd "$(dirname "$0")/.."

base=${1:-HEAD}
if [ $# -eq 0 ] && [ -z "$(git status --porcelain)" ]; then
  base=HEAD~1
fi
changed=$( (git diff --name-only "$base" && git ls-files --others --exclude-standard) | sort -u)

# Folders of changed Go files and of their test data that still hold a package.
packages=()
while IFS= read -r folder; do
  if compgen -G "$folder/*.go" >/dev/null; then packages+=("./$folder"); fi
done < <(grep -E '\.go$|/testdata/' <<<"$changed" | sed -E 's#/(testdata/.*|[^/]*)$##' | sort -u)

if [ ${#packages[@]} -gt 0 ]; then
  go test "${packages[@]}"
fi
if grep -qE '^(frontend/(src|build)/|vite.config.ts|package)' <<<"$changed"; then
  npx vitest run --changed "$base"
fi
echo "Checked what changed since $base: ${#packages[@]} Go packages."
