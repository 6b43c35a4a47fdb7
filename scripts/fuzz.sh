#!/usr/bin/env bash
# Runs every fuzzer for the time that is given, one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:?usage: fuzz.sh TIME, as in 10m}
for package in $(go list ./...); do
  found=$(go test -list '^Fuzz' "$package") # also fails the script where a package does not build
  for fuzzer in $(grep '^Fuzz' <<<"$found" || true); do
    echo "== $package $fuzzer"
    go test -run '^$' -fuzz "^$fuzzer\$" -fuzztime "$time" "$package"
  done
done
