#!/usr/bin/env bash
# Counts the words that docs/glossary.md replaces, in sources and documents, and fails where one is left.
#
#   scripts/check-language.sh [-l] [PATH…]    -l prints each line
set -euo pipefail
cd "$(dirname "$0")/.."

list=false
if [ "${1:-}" = -l ]; then
  list=true
  shift
fi

# Each line: a pattern (whole words, any case) and what to write.
words='beside|next to, with
behind|after
whoever|the caller, the worker
anew|again
there is not|does not exist
not to be had|unavailable
(go|goes|going|gone|went) on with|resume
(is|are|was|were|be) told|is published, receives
(let|lets) be|ignore
comes? to|amounts to'

paths=("$@")
[ ${#paths[@]} -gt 0 ] || paths=(.)
files=()
for path in "${paths[@]}"; do
  while IFS= read -r file; do
    case "$file" in
    scripts/check-language.sh | docs/glossary.md | *.lock | *lock.json | */testdata/* | */fixtures/*) ;;
    *.go | *.ts | *.tsx | *.css | *.html | *.md | *.yaml | *.yml | *.sh | *.tmpl | Makefile) files+=("$file") ;;
    esac
  done < <(git ls-files --cached --others --exclude-standard -- "$path")
done

total=0
while IFS='|' read -r line; do
  pattern=${line%|*} advice=${line##*|}
  found=$(grep -niwHE -- "$pattern" "${files[@]}" || true)
  count=$(printf '%s' "$found" | grep -c . || true)
  total=$((total + count))
  printf '%6d  %-40s write: %s\n' "$count" "$pattern" "$advice"
  if $list && [ "$count" -gt 0 ]; then printf '%s\n' "$found" | sed 's/^/        /'; fi
done <<<"$words"
printf '%6d  lines\n' "$total"
[ "$total" -eq 0 ]
