package seed

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"testing"
	"time"

	"github.com/egress-io/egress/internal/users"
)

func TestStateEventsAreDeterministic(t *testing.T) {
	t.Parallel()
	// The hashes are pinned: after a change of the generator, seeding an existing database again
	// would add events.
	want := map[string]string{"meridian": "687085a8d7ee8b9b", "northgate": "dc1123900a66f141"}
	for _, tenant := range Tenants() {
		var first []byte
		for range 2 {
			var all []byte
			for e := range StateEvents(tenant, 100) {
				raw, err := users.EncodeStateEvent(e)
				if err != nil {
					t.Fatal(err)
				}
				all = append(all, raw...)
			}
			if first != nil && !bytes.Equal(all, first) {
				t.Fatalf("the events of %s differ", tenant.ID)
			}
			first = all
		}
		sum := sha256.Sum256(first)
		if got := hex.EncodeToString(sum[:8]); got != want[tenant.ID] {
			t.Errorf("the first events of %s hash to %s, want %s", tenant.ID, got, want[tenant.ID])
		}
	}
}

// Every event matches its user and its subscription, and the events of each subscription are sorted
// by time.
func TestStateEventsMatchTheirUsers(t *testing.T) {
	t.Parallel()
	for _, tenant := range Tenants() {
		t.Run(tenant.ID, func(t *testing.T) {
			t.Parallel()
			seen, ids, n := map[string]int{}, map[string]bool{}, 0
			for u := range Users(tenant, sampleSize) {
				events := slices.Collect(stateEvents(u))
				n += len(events)
				if e := events[0]; e.Kind != "registered" || !e.Time.Equal(*u.Registered) {
					t.Fatalf("the first event of %s is %+v", u.ID, e)
				}
				for _, e := range events {
					if ids[e.StoredID()] {
						t.Fatalf("two events have the id %s", e.StoredID())
					}
					ids[e.StoredID()] = true
					seen[e.Kind]++
					if err := e.Check(); err != nil || e.UserID != u.ID || e.Time.Before(*u.Registered) || e.Time.After(Epoch) || e.Time.Nanosecond() != 0 {
						t.Errorf("%+v of %s: %v", e, u.ID, err)
					}
				}
				for _, g := range u.Grants {
					checkSubscriptionEvents(t, g, slices.DeleteFunc(slices.Clone(events), func(e users.StateEvent) bool { return e.GrantID != g.ID }))
				}
			}
			for _, kind := range []string{"registered", "granted", "renewed", "cancelled", "expired"} {
				if seen[kind] == 0 {
					t.Errorf("no event of kind %s in %v", kind, seen)
				}
			}
			if n > 3*sampleSize {
				t.Errorf("%d events of %d users make the first start of the demo slow", n, sampleSize)
			}
		})
	}
}

func checkSubscriptionEvents(t *testing.T, g users.Grant, events []users.StateEvent) {
	t.Helper()
	if len(events) == 0 || events[0].Kind != "granted" || !events[0].Time.Equal(*g.Created) {
		t.Fatalf("the events of %s are %+v", g.ID, events)
	}
	state, at := "", time.Time{}
	for _, e := range events {
		if e.FromState != state || e.Time.Before(at) || e.ProductID != g.ProductID {
			t.Errorf("%+v follows the state %q of %s", e, state, at)
		}
		state, at = e.ToState, e.Time
	}
	if state != g.ExpiryState {
		t.Errorf("%s ends as %q, but is %s", g.ID, state, g.ExpiryState)
	}
	if state == "expired" && !at.Equal(*g.End) {
		t.Errorf("%s ends at %s, not at %s", g.ID, at, g.End)
	}
}
