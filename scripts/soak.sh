#!/usr/bin/env bash
# The long tests, of which `make test` runs a sample: filters against the oracle, the encoder against the slow one, kills,
# and every fuzzer for the time that is given.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:?usage: soak.sh FUZZTIME, as in 10m}
go test -count=1 -timeout 24h -run Oracle ./internal/mongo -rapid.checks=20000
go test -count=1 -timeout 24h ./internal/export/csv -rapid.checks=100000
go test -count=50 -timeout 24h -run 'TestKilledServer|TestStoppedServer|TestCancel|TestDuplicates' ./server
scripts/fuzz.sh "$time"
