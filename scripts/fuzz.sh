#!/usr/bin/env bash
# Runs every fuzz test for the given time, one after the other.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:?usage: fuzz.sh TIME, for example 10m}
for package in $(go list ./...); do
  found=$(go test -list '^Fuzz' "$package") # fails if the package does not build
  for fuzzer in $(grep '^Fuzz' <<<"$found" || true); do
    echo "== $package $fuzzer"
    go test -run '^$' -fuzz "^$fuzzer\$" -fuzztime "$time" "$package"
  done
done
