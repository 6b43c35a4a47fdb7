package live

import (
	"math/rand/v2"
	"runtime"
	"time"
)

const (
	// tickInterval is the time between two ticks of a job, as its worker publishes them. A tick is an
	// update of nothing but the progress.
	tickInterval = 250 * time.Millisecond

	// hiddenTickInterval is the minimum time between two ticks of a socket whose client is hidden.
	hiddenTickInterval = 5 * time.Second

	// maxTickInterval is the maximum time between two ticks of a job because of the load.
	maxTickInterval = 5 * time.Second

	// Ticks per second and CPU that this process sends at most: while it runs exports, and otherwise. More
	// sockets receive ticks less often. Changes of a state are sent at once in any case.
	ticksExporting = 1_000
	ticksAlone     = 25_000
)

// pace says how often progress is sent. The hub's mutex guards it.
type pace struct {
	exporting func() bool
	// The limits, in ticks per second of this process: while it runs exports, and otherwise.
	exportingLimit, limit float64
	maxInterval           time.Duration
	random                func() float64 // from 0 to 1
	hiddenInterval        time.Duration

	demand  float64       // ticks per second of the last second, sent or not
	offered int           // ticks since from
	from    time.Duration // on the hub's clock
	held    []*room       // rooms with ticks that were held back
	hidden  []*socket     // hidden sockets with ticks that were held back
}

func newPace(exporting func() bool) pace {
	if exporting == nil {
		exporting = func() bool { return false }
	}
	cpus := float64(runtime.GOMAXPROCS(0))
	return pace{
		exporting: exporting, exportingLimit: ticksExporting * cpus, limit: ticksAlone * cpus,
		maxInterval: maxTickInterval, random: rand.Float64, hiddenInterval: hiddenTickInterval,
	}
}

// interval returns the minimum time between two ticks of a job: 0 without load.
func (p *pace) interval() time.Duration {
	limit := p.limit
	if p.exporting() {
		limit = p.exportingLimit
	}
	if p.demand <= limit {
		return 0
	}
	return min(p.maxInterval, time.Duration(float64(tickInterval)*p.demand/limit))
}

// count counts a tick for a number of sockets.
func (p *pace) count(sockets int, now time.Duration) {
	if past := now - p.from; past >= time.Second {
		p.demand = float64(p.offered) / past.Seconds()
		p.offered, p.from = 0, now
	}
	p.offered += sockets
}

// holdTick reports whether a tick of a room is held back until the room's next tick is due. Otherwise
// it is to be sent now. The caller holds the hub's mutex.
func (h *Hub) holdTick(r *room) bool {
	now := h.now()
	h.pace.count(len(r.sockets), now)
	interval := h.pace.interval()
	if interval == 0 {
		r.nextTick = 0
		return false
	}
	if r.nextTick == 0 { // the load has begun: the rooms' next ticks are spread over the interval
		r.nextTick = now + time.Duration(h.pace.random()*float64(interval))
	}
	if now >= r.nextTick {
		r.nextTick = now + interval
		return false
	}
	if !r.held {
		r.held = true
		h.pace.held = append(h.pace.held, r)
	}
	return true
}

// releaseTicks sends the ticks that are due. The caller holds the hub's mutex.
func (h *Hub) releaseTicks(now time.Duration) {
	held, interval := h.pace.held, h.pace.interval()
	h.pace.held = held[:0]
	for _, r := range held {
		if interval > 0 && now < r.nextTick {
			h.pace.held = append(h.pace.held, r)
			continue
		}
		r.held, r.nextTick = false, 0
		if interval > 0 {
			r.nextTick = now + interval
		}
		for id, known := range r.jobs {
			if known.held {
				r.offer(known.newest)
				known.held = false
				r.jobs[id] = known
			}
		}
	}
	clear(held[len(h.pace.held):])
	hidden := h.pace.hidden
	h.pace.hidden = hidden[:0]
	for _, s := range hidden {
		if !s.releaseTick(now) {
			h.pace.hidden = append(h.pace.hidden, s)
		}
	}
	clear(hidden[len(h.pace.hidden):])
}

// socketTicks is how often a socket receives ticks. The socket's mutex guards it.
type socketTicks struct {
	hidden bool          // the client asked for less
	held   bool          // a tick waits for next
	next   time.Duration // when the next tick may be sent to a hidden client, on the hub's clock
}

// holds reports whether an update waits until the next tick of a hidden client is due. The caller holds
// the mutexes of the hub and of the socket.
func (s *socket) holds(u *update) bool {
	if !s.ticks.hidden || !u.tick() || s.hub.now() >= s.ticks.next {
		return false
	}
	if !s.ticks.held {
		s.ticks.held = true
		s.hub.pace.hidden = append(s.hub.pace.hidden, s)
	}
	return true
}

// releaseTick sends the held tick if it is due, and reports whether the socket holds none any more.
func (s *socket) releaseTick(now time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ticks.hidden && now < s.ticks.next && s.reason == nil {
		return false
	}
	s.ticks.held = false
	s.wakeWriter()
	return true
}

// tickSent records that updates are sent now. The caller holds the socket's mutex.
func (s *socket) tickSent() {
	if s.ticks.hidden {
		s.ticks.next = s.hub.now() + s.hub.pace.hiddenInterval
	}
}

// setHidden records whether the client is hidden. A client that is shown receives at once what was held
// back.
func (s *socket) setHidden(hidden bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ticks.hidden = hidden
	if !hidden && len(s.pending.updates) > 0 {
		s.wakeWriter()
	}
}
