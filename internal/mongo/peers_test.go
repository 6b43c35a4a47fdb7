package mongo

import (
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/peers"
)

// Only one process wins a number, and the highest number is the current one.
func TestPeers(t *testing.T) {
	testStores(t, func(t *testing.T, open func(t testing.TB) *DB) { testPeers(t, NewPeers(open(t))) })
}

func testPeers(t *testing.T, store Peers) {
	t.Helper()
	ctx := t.Context()
	now := time.Date(2026, 11, 23, 8, 31, 28, 123e6, time.UTC)
	settings := peers.Settings{{Variable: "EGRESS_S3_BUCKET", Value: "a", Required: true}, {Variable: "EGRESS_SECRET_KEY", Value: "f", Hidden: true}}

	if a, err := store.Agreement(ctx); a != nil || err != nil {
		t.Fatalf("at first: %+v, %v", a, err)
	}
	for _, n := range []int64{1, 2, 12} {
		var won atomic.Int32
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				switch ok, err := store.Agree(ctx, peers.Agreement{Number: n, At: now, By: "me", Settings: settings}); {
				case err != nil:
					t.Error(err)
				case ok:
					won.Add(1)
				}
			})
		}
		all.Wait()
		want := &peers.Agreement{Number: n, At: now, By: "me", Settings: settings}
		if a, err := store.Agreement(ctx); won.Load() != 1 || err != nil || !reflect.DeepEqual(a, want) {
			t.Errorf("number %d: %d have it; %+v, %v", n, won.Load(), a, err)
		}
	}

	me := peers.Process{ID: "1", Name: "worker", Started: now, LastHeartbeat: now, Settings: settings}
	gone := peers.Process{ID: "2", LastHeartbeat: now.Add(-48 * time.Hour)}
	for _, p := range []peers.Process{me, gone, me} {
		if err := store.Heartbeat(ctx, p); err != nil {
			t.Fatal(err)
		}
	}
	if all, err := store.Processes(ctx, now, now.Add(-24*time.Hour)); err != nil || !reflect.DeepEqual(all, []peers.Process{me}) {
		t.Errorf("%+v, %v", all, err)
	}
	if all, err := store.Processes(ctx, time.Time{}, time.Time{}); err != nil || len(all) != 1 {
		t.Errorf("a process of two days ago is kept: %+v, %v", all, err)
	}
	for range 2 {
		if err := store.DeleteProcess(ctx, "1"); err != nil {
			t.Error(err)
		}
	}
	if all, err := store.Processes(ctx, now, now); err != nil || len(all) != 0 {
		t.Errorf("%+v, %v", all, err)
	}
}
