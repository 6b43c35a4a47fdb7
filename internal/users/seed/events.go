package seed

import (
	"hash/fnv"
	"iter"
	"time"

	"github.com/egress-io/egress/internal/users"
)

// The states of a user or a subscription.
const (
	registered = "registered"
	pending    = "pending"
	active     = "active"
	cancelled  = "cancelled"
	expired    = "expired"
)

// StateEvents returns the state events of the first n users of a tenant up to Epoch, user by user.
func StateEvents(t Tenant, n int) iter.Seq[users.StateEvent] {
	return func(yield func(users.StateEvent) bool) {
		for u := range Users(t, n) {
			for e := range stateEvents(u) {
				if !yield(e) {
					return
				}
			}
		}
	}
}

// stateEvents returns the state events of a user up to Epoch: the registration, and then those of
// each subscription. It must not use the user's random numbers, which would change the users.
func stateEvents(u users.User) iter.Seq[users.StateEvent] {
	return func(yield func(users.StateEvent) bool) {
		if !yield(users.StateEvent{ID: u.ID + "-registered", Time: *u.Registered, UserID: u.ID, Kind: "registered", ToState: registered}) {
			return
		}
		for _, g := range u.Grants {
			for _, e := range subscriptionEvents(g) {
				e.ID, e.UserID, e.GrantID, e.ProductID = g.ID+"-"+e.Kind, u.ID, g.ID, g.ProductID
				if !yield(e) {
					return
				}
			}
		}
	}
}

// subscriptionEvents returns the events of a subscription in order: always granted, and depending
// on the subscription renewed half-way, cancelled before its end, and expired.
func subscriptionEvents(g users.Grant) []users.StateEvent {
	if g.ExpiryState == pending {
		return []users.StateEvent{{Time: *g.Created, Kind: "granted", ToState: pending}}
	}
	events := []users.StateEvent{{Time: *g.Created, Kind: "granted", ToState: active}}
	if g.End == nil {
		return events
	}
	random := hash(g.ID)
	length := g.End.Sub(*g.Start)
	if at := g.Start.Add(length / 2).Truncate(time.Second); random%8 == 0 && !at.After(Epoch) {
		events = append(events, users.StateEvent{Time: at, Kind: "renewed", FromState: active, ToState: active})
	}
	if g.ExpiryState != expired {
		return events
	}
	state := active
	if random%10 == 1 {
		state = cancelled
		at := g.End.Add(-length / 5).Truncate(time.Second)
		events = append(events, users.StateEvent{Time: at, Kind: "cancelled", FromState: active, ToState: cancelled})
	}
	return append(events, users.StateEvent{Time: *g.End, Kind: "expired", FromState: state, ToState: expired})
}

// hash returns a pseudo-random number that depends only on the text.
func hash(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // never fails
	return h.Sum64() >> 32       // the low bits of FNV are less random
}
