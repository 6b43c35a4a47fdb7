#!/usr/bin/env bash
# The long tests, of which `make test` runs a sample:
# - filters against the oracle, the encoder against the slow one;
# - every fault in every call of every port of a whole job, some 6,000 cases: each ends with the same bytes or with a reason,
#   and leaves nothing behind (EGRESS_TEST_SEED is their order, EGRESS_TEST_FAULTS=plain/store/fails/17 runs one of them);
# - Redis away for 20 s in mid-run;
# - a hundred thousand users with hostile values, in and out again;
# - workers killed 100 times, and servers killed, stopped, cancelled and asked in duplicate 50 times each;
# - where EGRESS_SOAK_MONGODB_URI names a MongoDB with some 2 GB of users in egress_t_meridian: a streamed export of all of
#   them in Chromium, whose server and tab hold as much memory at its end as at its beginning;
# - every fuzzer for the time that is given.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:?usage: soak.sh FUZZTIME, as in 10m}
go test -count=1 -timeout 24h -run Oracle ./internal/mongo -rapid.checks=20000
go test -count=1 -timeout 24h ./internal/export/csv -rapid.checks=100000
EGRESS_TEST_FAULTS=all EGRESS_TEST_AWAY=20s go test -race -count=1 -timeout 24h -v ./internal/faults
EGRESS_TEST_KILLS=100 go test -count=1 -timeout 24h -v -run TestKilledWorkers ./server
EGRESS_TEST_HOSTILE=100000 go test -count=1 -timeout 24h -run TestHostileUsers ./server
go test -count=50 -timeout 24h -run 'TestKilledServer|TestStoppedServer|TestCancel|TestDuplicates' ./server
make build
npm run --silent browser -- soak
scripts/fuzz.sh "$time"
