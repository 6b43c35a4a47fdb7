package faults_test

import (
	"cmp"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/embedded/embeddedtest"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/faults"
)

// How many cases of the table `make test` runs, and how many of them concurrently.
const (
	sampled     = 48
	concurrency = 4
)

// Whatever fault occurs in whatever call of a port, from the admission of a job to the end of its
// cleanup: the job completes with the bytes of an undisturbed run, or fails with a reason, and
// leaves nothing stored.
//
// EGRESS_TEST_FAULTS is the number of cases to run, "all", or the name of one; EGRESS_TEST_SEED
// selects them.
func TestFaultInEveryCall(t *testing.T) {
	t.Parallel()
	seed := uint64(number(t, "EGRESS_TEST_SEED", int(time.Now().UnixNano()>>20&0xffff)))
	workers := make([]*testEnv, concurrency)
	for i := range workers {
		workers[i] = newTestEnv(t, embeddedtest.Start(t, embeddedtest.Redis).RedisURL())
	}
	want := workers[0].run(t, testCase{scenario: scenarios[0]}, "").sha256
	var table []testCase
	ops := map[string]int{}
	for _, s := range scenarios {
		before := time.Now()
		base := workers[0].run(t, testCase{scenario: s}, want)
		if code := base.failure(); code != s.fails {
			t.Fatalf("%s ends with %q instead of %q", s.name, code, s.fails)
		}
		for _, f := range s.faults {
			if base.plan.Met(f) == "" {
				t.Fatalf("%s: %+v did not happen", s.name, f)
			}
		}
		cases := casesOf(s, base.plan.Counts())
		t.Logf("%s: %d cases, %d attempts, %s", s.name, len(cases), base.job.Attempt, time.Since(before).Round(time.Millisecond))
		table = append(table, cases...)
		for op, n := range base.plan.Ops() {
			ops[op] += n
		}
	}
	t.Logf("calls of the scenarios: %v", ops)
	chosen := choose(t, table, rand.New(rand.NewPCG(seed, seed)))
	t.Logf("%d of %d cases; EGRESS_TEST_SEED=%d", len(chosen), len(table), seed)

	queue := make(chan testCase)
	tallies := make([]tally, len(workers))
	var running sync.WaitGroup
	for i, l := range workers {
		tallies[i] = tally{}
		running.Go(func() {
			for c := range queue {
				t.Run(c.String(), func(t *testing.T) { tallies[i].add(c, l.run(t, c, want)) })
			}
		})
	}
	for _, c := range chosen {
		queue <- c
	}
	close(queue)
	running.Wait()
	all := tally{}
	for _, one := range tallies {
		all.merge(one)
	}
	t.Log("port, kind: cases, of which the call was made, completed, failed\n" + all.String())
}

// failure returns the code with which a job failed, or "".
func (o outcome) failure() errs.Code {
	if o.job.Failure == nil {
		return ""
	}
	return o.job.Failure.Code
}

// casesOf lists every call of a scenario with every fault that applies to it.
func casesOf(s scenario, counts map[faults.Port]map[faults.Kind]int) (all []testCase) {
	for port, kinds := range counts {
		for kind, n := range kinds {
			for call := range n {
				all = append(all, testCase{s, faults.Fault{Port: port, Kind: kind, Call: call + 1}})
			}
		}
	}
	slices.SortFunc(all, func(a, b testCase) int {
		return cmp.Or(cmp.Compare(a.fault.Port, b.fault.Port), cmp.Compare(a.fault.Kind, b.fault.Kind), cmp.Compare(a.fault.Call, b.fault.Call))
	})
	return all
}

// choose returns the cases to run, about equally many for each port and kind.
func choose(t *testing.T, table []testCase, random *rand.Rand) []testCase {
	t.Helper()
	selection := cmp.Or(os.Getenv("EGRESS_TEST_FAULTS"), strconv.Itoa(sampled))
	if strings.Contains(selection, "/") {
		if i := slices.IndexFunc(table, func(c testCase) bool { return c.String() == selection }); i >= 0 {
			return table[i : i+1]
		}
		t.Fatalf("there is no case %s", selection)
	}
	random.Shuffle(len(table), func(i, j int) { table[i], table[j] = table[j], table[i] })
	if selection == "all" {
		return table
	}
	limit, err := strconv.Atoi(selection)
	if err != nil {
		t.Fatalf("EGRESS_TEST_FAULTS: %v", err)
	}
	type row struct {
		port faults.Port
		kind faults.Kind
	}
	taken := map[row]int{}
	rank := make(map[testKey]int, len(table))
	for _, c := range table {
		r := row{c.fault.Port, c.fault.Kind}
		rank[c.key()] = taken[r]
		taken[r]++
	}
	slices.SortStableFunc(table, func(a, b testCase) int { return cmp.Compare(rank[a.key()], rank[b.key()]) })
	return table[:min(limit, len(table))]
}

type testKey struct {
	scenario string
	fault    faults.Fault
}

func (c testCase) key() testKey { return testKey{c.scenario.name, c.fault} }

// number reads a number from an environment variable.
func number(t *testing.T, name string, standard int) int {
	t.Helper()
	text := os.Getenv(name)
	if text == "" {
		return standard
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}
