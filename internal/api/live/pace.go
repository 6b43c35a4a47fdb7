package live

import (
	"math"
	"runtime"
	"slices"
	"sync/atomic"
	"time"
)

const (
	// hiddenTickInterval is the minimum time between two ticks of a socket whose client is hidden. A
	// tick is an update of nothing but the progress.
	hiddenTickInterval = 5 * time.Second

	// maxTickInterval is the maximum time for which a tick is held back because of the load.
	maxTickInterval = 10 * time.Second

	// maxWriting is the part of the time that one goroutine may write ticks. With more, every message of
	// the feed would wait for the ticks before it, changes of a state too.
	maxWriting = 0.75

	// ticksExporting is how many ticks per second and CPU this process sends at most while it runs exports.
	ticksExporting = 400

	// snapshotWrites is how many ticks are left out for a snapshot, which takes more of the CPU: it is
	// read, larger, and written by a goroutine. With 1, other requests took longer after an outage of Redis.
	snapshotWrites = 3

	// burstTime is how much of the allowance may be used at once.
	burstTime = 50 * time.Millisecond

	// measureInterval is how long writes are measured before the rate follows what they take.
	measureInterval = 250 * time.Millisecond

	// minMeasured is how many writes are enough to know what one takes. Fewer are measured for longer.
	minMeasured = 100
)

// pace says when progress is sent. The allowance of writes grows with the time, at a rate that the
// machine can write, or less while exports run. When it is used up, ticks are held back, and the room
// that waits longest is next. Changes of a state use it too, but are sent at once in any case. The hub's
// mutex guards it, but for writing and written.
type pace struct {
	exporting      func() bool
	exportingLimit float64 // writes per second of this process while it runs exports
	maxWriting     float64
	maxInterval    time.Duration
	hiddenInterval time.Duration

	cost      float64       // seconds that one write takes; 0: not measured yet
	allowance float64       // writes that may begin now
	most      float64       // the maximum of the allowance, and of what may be used in advance
	filled    time.Duration // when the allowance has grown last, on the hub's clock
	measured  time.Duration // when the cost was measured last, on the hub's clock
	held      []*room       // rooms with ticks that were held back, in the order in which they are due
	hidden    []*socket     // hidden sockets with ticks that were held back

	// Since the last measurement: how long batches were written, and to how many sockets.
	writing atomic.Int64 // nanoseconds
	written atomic.Int64
}

func (p *pace) init(exporting func() bool) {
	if exporting == nil {
		exporting = func() bool { return false }
	}
	p.exporting, p.exportingLimit = exporting, ticksExporting*float64(runtime.GOMAXPROCS(0))
	p.maxWriting, p.maxInterval, p.hiddenInterval = maxWriting, maxTickInterval, hiddenTickInterval
}

// rate returns how many writes are allowed per second.
func (p *pace) rate() float64 {
	rate := math.Inf(1)
	if p.cost > 0 {
		rate = p.maxWriting / p.cost
	}
	if p.exporting() {
		rate = min(rate, p.exportingLimit)
	}
	return rate
}

// fill adds to the allowance what has become free until now.
func (p *pace) fill(now time.Duration) {
	if now-p.measured >= measureInterval {
		p.measured = now
		p.measureWrites()
	}
	rate, past := p.rate(), (now - p.filled).Seconds()
	p.filled = now
	p.most = max(1, rate*burstTime.Seconds())
	if past > 0 { // an infinite rate times 0 is no number
		p.allowance += rate * past
	}
	p.allowance = min(p.allowance, p.most)
}

// use takes writes from the allowance.
func (p *pace) use(writes int) {
	p.allowance = max(p.allowance-float64(writes), -p.most)
}

// free reports whether a write may begin.
func (p *pace) free() bool { return p.allowance >= 1 }

// wrote records that a batch was written to a number of sockets.
func (p *pace) wrote(sockets int, took time.Duration) {
	p.writing.Add(int64(took))
	p.written.Add(int64(sockets))
}

// measureWrites computes what a write takes from those since the last time. If they are too few, the next
// ones are added: a rate that is much too low would never rise otherwise. Half of what was known before
// stays, so that one disturbance does not decide.
func (p *pace) measureWrites() {
	if p.written.Load() < minMeasured {
		return
	}
	writing, written := time.Duration(p.writing.Swap(0)), p.written.Swap(0)
	cost := writing.Seconds() / float64(written)
	if p.cost > 0 {
		cost = (p.cost + cost) / 2
	}
	p.cost = cost
}

// holdTick reports whether a tick of a room is held back. Otherwise it is to be sent now. The caller
// holds the hub's mutex.
func (h *Hub) holdTick(r *room) bool {
	p, now := &h.pace, h.now()
	p.fill(now)
	if len(p.held) == 0 && p.free() {
		p.use(len(r.sockets))
		return false
	}
	if !r.held {
		r.held, r.heldAt = true, now
		p.held = append(p.held, r)
	}
	return true
}

// releaseTicks sends the ticks that are due. The caller holds the hub's mutex.
func (h *Hub) releaseTicks(now time.Duration) {
	h.releaseRooms(now)
	hidden := h.pace.hidden
	h.pace.hidden = hidden[:0]
	for _, s := range hidden {
		if !s.releaseTick(now) {
			h.pace.hidden = append(h.pace.hidden, s)
		}
	}
	clear(hidden[len(h.pace.hidden):])
}

// releaseRooms sends the ticks of the rooms that are due. The caller holds the hub's mutex.
func (h *Hub) releaseRooms(now time.Duration) {
	p := &h.pace
	p.fill(now)
	due := 0
	for _, r := range p.held {
		if !p.free() && now-r.heldAt < p.maxInterval {
			break
		}
		due++
		r.held = false
		for id, known := range r.jobs {
			if known.held {
				p.use(len(r.sockets))
				r.offer(known.newest)
				known.held = false
				r.jobs[id] = known
			}
		}
	}
	p.held = slices.Delete(p.held, 0, due)
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
