package seed

import (
	"hash/fnv"
	"iter"
	"time"

	"github.com/egress-io/egress/internal/users"
)

// The states of a life.
const (
	registered = "registered"
	pending    = "pending"
	active     = "active"
	cancelled  = "cancelled"
	expired    = "expired"
)

// StateEvents returns what happened to the first n users of a tenant until Epoch, user by user.
func StateEvents(t Tenant, n int) iter.Seq[users.StateEvent] {
	return func(yield func(users.StateEvent) bool) {
		for u := range Users(t, n) {
			for e := range life(u) {
				if !yield(e) {
					return
				}
			}
		}
	}
}

// life tells what happened to a user until Epoch: the registration, and then what became of each subscription. It throws
// no dice of the user's: the users would be others.
func life(u users.User) iter.Seq[users.StateEvent] {
	return func(yield func(users.StateEvent) bool) {
		if !yield(users.StateEvent{ID: u.ID + "-registered", Time: *u.Registered, UserID: u.ID, Kind: "registered", ToState: registered}) {
			return
		}
		for _, g := range u.Grants {
			for _, e := range story(g) {
				e.ID, e.UserID, e.GrantID, e.ProductID = g.ID+"-"+e.Kind, u.ID, g.ID, g.ProductID
				if !yield(e) {
					return
				}
			}
		}
	}
}

// story is what happened to one subscription, in order: granted, renewed half-way, cancelled before its end, expired. Not
// all of it happens to each.
func story(g users.Grant) []users.StateEvent {
	if g.ExpiryState == pending {
		return []users.StateEvent{{Time: *g.Created, Kind: "granted", ToState: pending}}
	}
	events := []users.StateEvent{{Time: *g.Created, Kind: "granted", ToState: active}}
	if g.End == nil {
		return events
	}
	luck := chances(g.ID)
	length := g.End.Sub(*g.Start)
	if at := g.Start.Add(length / 2).Truncate(time.Second); luck%8 == 0 && !at.After(Epoch) {
		events = append(events, users.StateEvent{Time: at, Kind: "renewed", FromState: active, ToState: active})
	}
	if g.ExpiryState != expired {
		return events
	}
	state := active
	if luck%10 == 1 {
		state = cancelled
		at := g.End.Add(-length / 5).Truncate(time.Second)
		events = append(events, users.StateEvent{Time: at, Kind: "cancelled", FromState: active, ToState: cancelled})
	}
	return append(events, users.StateEvent{Time: *g.End, Kind: "expired", FromState: state, ToState: expired})
}

// chances is a number that a text always has.
func chances(text string) uint64 {
	h := fnv.New64a()
	_, _ = h.Write([]byte(text)) // never fails
	return h.Sum64() >> 32       // its low bits hardly mix
}
