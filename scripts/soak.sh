#!/usr/bin/env bash
# Runs the long tests, of which `make test` runs a sample:
# - filters against the oracle, and the encoder against the reference encoder;
# - every fault in every call of every port during a whole job, about 6,000 cases: each ends with the same
#   bytes or with an error, and leaves nothing in the storage (EGRESS_TEST_SEED sets their order,
#   EGRESS_TEST_FAULTS=plain/store/fails/17 runs one of them);
# - Redis unavailable for 20 s during a run;
# - export and import of a hundred thousand users with hostile values;
# - write-ahead logs of SQLite torn at every position;
# - workers, servers with the embedded database, and imports killed 100 times each; servers killed, stopped,
#   cancelled and sent duplicate requests 50 times each;
# - if EGRESS_SOAK_MONGODB_URI is set: a streamed export in Chromium of the users in egress_t_meridian (about
#   2 GB), during which the memory of server and tab does not grow;
# - every state of the console (frontend/e2e/looks) with axe, in both themes at both widths;
# - every fuzz test for the given time.
set -euo pipefail
cd "$(dirname "$0")/.."

time=${1:?usage: soak.sh FUZZTIME, for example 10m}
go test -count=1 -timeout 24h -run Oracle ./internal/mongo -rapid.checks=20000
go test -count=1 -timeout 24h ./internal/encode/csv -rapid.checks=100000
EGRESS_TEST_FAULTS=all EGRESS_TEST_AWAY=20s go test -race -count=1 -timeout 24h -v ./internal/faults
EGRESS_TEST_TORN=all go test -count=1 -timeout 24h -run Torn ./internal/sqlite
EGRESS_TEST_KILLS=100 EGRESS_TEST_IMPORTED=36000 go test -count=1 -timeout 24h -v -run 'TestKilledWorkers|TestKilledServers|TestKilledImports' ./server
EGRESS_TEST_HOSTILE=100000 go test -count=1 -timeout 24h -run TestHostileUsers ./server
go test -count=50 -timeout 24h -run 'TestKilledServer$|TestStoppedServer|TestCancel|TestDuplicates' ./server
make build
npm run --silent browser -- soak
EGRESS_TEST_LOOKS=all npm run --silent browser -- looks
scripts/fuzz.sh "$time"
