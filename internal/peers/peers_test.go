package peers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/errs"
)

// memoryStore is a Store in memory.
type memoryStore struct {
	mu         sync.Mutex
	agreements map[int64]Agreement
	processes  map[string]Process
}

func newMemoryStore() *memoryStore {
	return &memoryStore{agreements: map[int64]Agreement{}, processes: map[string]Process{}}
}

func (m *memoryStore) Agreement(context.Context) (*Agreement, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var last *Agreement
	for _, a := range m.agreements {
		if last == nil || a.Number > last.Number {
			last = &a
		}
	}
	return last, nil
}

func (m *memoryStore) Agree(_ context.Context, a Agreement) (bool, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, taken := m.agreements[a.Number]
	if !taken {
		m.agreements[a.Number] = a
	}
	return !taken, nil
}

func (m *memoryStore) Heartbeat(_ context.Context, p Process) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.processes[p.ID] = p
	return nil
}

func (m *memoryStore) DeleteProcess(_ context.Context, id string) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.processes, id)
	return nil
}

func (m *memoryStore) Processes(_ context.Context, since, _ time.Time) (all []Process, _ error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, p := range m.processes {
		if !p.LastHeartbeat.Before(since) {
			all = append(all, p)
		}
	}
	return all, nil
}

func process(id, bucket, region string) Process {
	return Process{ID: id, Name: "worker " + id, Settings: Settings{
		{Variable: "EGRESS_S3_REGION", Value: region},
		{Variable: "EGRESS_S3_BUCKET", Value: bucket, Required: true},
		{Variable: "EGRESS_SECRET_KEY", Value: Fingerprint([]byte("key of "+bucket), "key"), Hidden: true, Required: true},
	}}
}

type fixture struct {
	*memoryStore
	at  time.Time
	log bytes.Buffer
}

func (f *fixture) join(t *testing.T, p Process) (*Registration, error) {
	return Register(t.Context(), f.memoryStore, p, slog.New(slog.NewTextHandler(&f.log, nil)), func() time.Time { return f.at })
}

// While a process runs, one with another bucket is refused. The error is one line with the
// variable, both values and the other process. A process with the same settings, or with a
// difference that is allowed, joins.
func TestJoin(t *testing.T) {
	t.Parallel()
	f := &fixture{memoryStore: newMemoryStore(), at: time.Unix(1_800_000_000, 0)}
	first, err := f.join(t, process("1", "a", "eu"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.join(t, process("2", "a", "eu")); err != nil || f.log.Len() > 0 {
		t.Errorf("the same settings: %v, %s", err, f.log.String())
	}
	if _, err := f.join(t, process("3", "a", "us")); err != nil || !strings.Contains(f.log.String(), "EGRESS_S3_REGION") {
		t.Errorf("another region: %v, %s", err, f.log.String())
	}
	f.at = f.at.Add(4 * time.Second)
	_, err = f.join(t, process("4", "b", "eu"))
	e, ok := errors.AsType[*errs.Error](err)
	if !ok || e.Code != errs.CodeInvalidRequest || e.Field != "EGRESS_S3_BUCKET" {
		t.Fatalf("another bucket: %v", err)
	}
	for _, part := range []string{`"b" in this process and "a" in another`, "EGRESS_SECRET_KEY differs", "worker ", "4s ago", "stop all processes"} {
		if !strings.Contains(e.Message, part) {
			t.Errorf("%q does not contain %q", e.Message, part)
		}
	}
	if strings.Contains(e.Message, "\n") || strings.Contains(e.Message, Fingerprint([]byte("key of a"), "key")) {
		t.Errorf("message %q", e.Message)
	}
	if _, left := f.processes["4"]; left {
		t.Error("a process that was refused counts as running")
	}
	first.deregister(t.Context())
	if _, err = f.join(t, process("5", "b", "eu")); err == nil {
		t.Error("process 2 still runs with bucket a")
	}
}

// Settings may change when no process runs: after all have ended, or some time after they were
// killed.
func TestJoinAfterOthersEnded(t *testing.T) {
	t.Parallel()
	for _, killed := range []bool{false, true} {
		f := &fixture{memoryStore: newMemoryStore(), at: time.Unix(1_800_000_000, 0)}
		m, err := f.join(t, process("1", "a", "eu"))
		if err != nil {
			t.Fatal(err)
		}
		if killed {
			f.at = f.at.Add(HeartbeatTimeout - time.Second)
			if _, err := f.join(t, process("2", "b", "eu")); err == nil {
				t.Error("a process that may still run was ignored")
			}
			f.at = f.at.Add(2 * time.Second)
		} else {
			ctx, cancel := context.WithCancel(t.Context())
			cancel()
			m.Run(ctx)
		}
		if _, err := f.join(t, process("3", "b", "eu")); err != nil || !strings.Contains(f.log.String(), "has changed") {
			t.Errorf("killed %v: %v, %s", killed, err, f.log.String())
		}
		if _, err := f.join(t, process("4", "a", "eu")); err == nil {
			t.Errorf("killed %v: the former settings were accepted", killed)
		}
	}
}

// If processes with different settings start together, those that join have the same settings.
func TestJoinConcurrently(t *testing.T) {
	t.Parallel()
	for round := range 200 {
		store, at := newMemoryStore(), time.Unix(1_800_000_000, 0)
		if round%2 == 0 { // there is an earlier agreement
			store.agreements[1] = Agreement{Number: 1, Settings: process("0", "c", "eu").Settings}
		}
		var wg sync.WaitGroup
		var joined sync.Map
		for n := range 6 {
			wg.Go(func() {
				p := process(fmt.Sprint(n), string(rune('a'+n%2)), "eu")
				if _, err := Register(t.Context(), store, p, slog.New(slog.DiscardHandler), func() time.Time { return at }); err == nil {
					joined.Store(p.ID, p.Settings[1].Value)
				}
			})
		}
		wg.Wait()
		buckets := map[any]bool{}
		joined.Range(func(_, bucket any) bool { buckets[bucket] = true; return true })
		if len(buckets) != 1 {
			t.Fatalf("round %d: processes run with %v", round, buckets)
		}
	}
}
