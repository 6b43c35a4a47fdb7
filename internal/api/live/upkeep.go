package live

import (
	"context"
	"time"
)

const (
	// upkeepInterval is the time between two rounds of upkeep, unless pings are more frequent.
	upkeepInterval = 50 * time.Millisecond

	// wheelPlaces is how many groups of sockets are pinged one after another in a ping interval, so
	// that sockets that came together are not pinged together.
	wheelPlaces = 512
)

// wheel is all sockets in groups of about the same size. The hub's mutex guards it.
type wheel struct {
	groups [wheelPlaces][]*socket
	next   int // the group of the next socket that is added
	hand   int // the group that is visited next
}

// place is where a socket is in a wheel.
type place struct{ group, index int }

func (w *wheel) add(s *socket) {
	g := &w.groups[w.next]
	s.place = place{w.next, len(*g)}
	*g = append(*g, s)
	w.next = (w.next + 1) % wheelPlaces
}

func (w *wheel) remove(s *socket) {
	g := w.groups[s.place.group]
	last := len(g) - 1
	g[s.place.index] = g[last]
	g[s.place.index].place = s.place
	g[last] = nil
	w.groups[s.place.group] = g[:last]
}

// visit calls f for the sockets of the next groups.
func (w *wheel) visit(groups int, f func(*socket)) {
	for range min(groups, wheelPlaces) {
		for _, s := range w.groups[w.hand] {
			f(s)
		}
		w.hand = (w.hand + 1) % wheelPlaces
	}
}

// keepUp pings every socket and checks every session once per ping interval, and sends progress that was
// held back, until ctx is done.
func (h *Hub) keepUp(ctx context.Context) {
	tick := time.NewTicker(max(time.Millisecond, min(upkeepInterval, h.pingInterval/wheelPlaces)))
	defer tick.Stop()
	var visited int64 // groups since the start
	for {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
		now := h.now()
		due := int64(now) / max(1, int64(h.pingInterval)/wheelPlaces)
		h.mu.Lock()
		if due > visited {
			h.wheel.visit(int(due-visited), func(s *socket) { h.visit(s, now) })
			visited = due
		}
		h.releaseTicks(now)
		h.unlock()
	}
}

// visit pings a socket and requests a check of its session. It tolerates one missing pong, then closes
// the connection. The caller holds the hub's mutex.
func (h *Hub) visit(s *socket, now time.Duration) {
	if now-time.Duration(s.heardAt.Load()) > 2*h.pingInterval+h.writeTimeout {
		_ = s.conn.Close() // ends read
		return
	}
	if now-s.checkedAt >= h.pingInterval/2 {
		h.checkSession(s, now)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pending.ping = true
	s.join()
}

// checkSession requests a check of a session for all its sockets in the tenant. They are visited at
// different times, and need no check of their own. If the socket leaves, another one of the session
// requests the next check, at most one and a half ping intervals after this one.
func (h *Hub) checkSession(s *socket, now time.Duration) {
	for _, other := range h.admins[s.subscriber.Admin] {
		if other.subscriber.Session == s.subscriber.Session && other.subscriber.Slot.Tenant == s.subscriber.Slot.Tenant {
			other.checkedAt = now
			h.checks.request(other)
		}
	}
}
