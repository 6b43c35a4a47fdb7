#!/usr/bin/env bash
# Tests the dependency directions of .golangci.yml: breaks one rule per layer in a scratch module and fails if
# the linter accepts one of the imports.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
module=github.com/egress-io/egress

# importing package, imported package
violations='internal/errs internal/export
internal/export internal/users
internal/audit internal/auth
internal/export/decode internal/users
internal/encode/csv internal/mongo
internal/pipeline internal/mongo
internal/jobs internal/redis
internal/exporter internal/s3
internal/filter internal/api
internal/flags internal/config
internal/auth internal/mail
internal/api internal/mongo
internal/api/live internal/api
internal/api/live internal/mongo
internal/api/bodystream internal/api
internal/api/bodystream internal/api/live
internal/api/webui internal/api/bodystream
internal/api/limiter internal/api
internal/mongo internal/redis
internal/mongo internal/sqlite
internal/sqlite internal/mongo
internal/browse internal/sqlite
internal/stored internal/mongo
internal/stored internal/pipeline
internal/stored internal/transfer
internal/transfer internal/sqlite
internal/transfer internal/ferretdb
internal/transfer internal/jobs
internal/fromzephr internal/sqlite
internal/fromzephr internal/api
internal/pipeline internal/storetest
internal/ferretdb internal/sqlite
internal/redis internal/s3
internal/redis internal/sqlite
internal/s3 internal/sqlite
internal/mail internal/sqlite
internal/s3 internal/mail
internal/mail internal/mongo
internal/users internal/embedded
internal/peers server'

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
printf 'module %s\n\ngo 1.26\n' "$module" >"$scratch/go.mod"
while read -r from to; do
  for package in "$from" "$to/stub"; do # the stub keeps the imports free of cycles
    mkdir -p "$scratch/$package"
    printf 'package x\n' >"$scratch/$package/doc.go"
  done
  printf 'package x\n\nimport _ "%s/%s/stub"\n' "$module" "$to" >"$scratch/$from/violation_$(tr / _ <<<"$to").go"
done <<<"$violations"
cp .golangci.yml "$scratch"

found=$(cd "$scratch" && GOFLAGS= go tool -modfile="$root/tools/go.mod" golangci-lint run --enable-only depguard 2>&1 || true)
missing=0
while read -r from to; do
  if ! grep -q "^$from/violation_$(tr / _ <<<"$to").go:.*$module/$to" <<<"$found"; then
    echo "The linter accepts that $from imports $to." >&2
    missing=1
  fi
done <<<"$violations"
if [ "$missing" -ne 0 ]; then
  echo "$found" >&2
  exit 1
fi
echo "The linter refuses $(wc -l <<<"$violations") wrong imports."
