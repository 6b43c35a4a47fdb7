// Package live sends changes of jobs to the WebSockets of their requesters: a hub with all sockets of
// this server, and for each socket a snapshot of the requester's jobs, followed by every change.
package live

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

// maxSockets is the maximum of sockets per admin. One more closes the oldest.
const maxSockets = 20

// Reasons for which the server closes a socket (RFC 6455 reserves 4000–4999 for applications).
var (
	closeStopping     = closeReason{1001, "server_stopping"}
	closeSessionEnded = closeReason{4001, "session_ended"}
	closeTooMany      = closeReason{4002, "too_many_sockets"}
	closeTooSlow      = closeReason{4003, "too_slow"}
	closeRoleChanged  = closeReason{4004, "role_changed"} // the client reconnects and receives what the new role may see
)

type closeReason struct {
	code   int
	reason string
}

// Jobs reads the jobs of a requester; *jobs.Service.
type Jobs interface {
	// Snapshot returns the live jobs of a requester and the latest finished ones, newest first.
	Snapshot(ctx context.Context, tenant, requesterID string) ([]*export.Job, error)
	// QueuePositions returns the positions of all waiting jobs of all tenants by job id, from 1.
	QueuePositions(ctx context.Context) (map[string]int64, error)
}

// Sessions checks sessions; *auth.Service.
type Sessions interface {
	// Check returns the membership of a session's admin in a tenant. It does not count as use of the
	// session.
	Check(ctx context.Context, sessionID, tenant string) (auth.Membership, error)
}

// View returns the API's view of a job. Position is its place in the queue, or 0. Downloads adds the
// addresses of its files.
type View = func(ctx context.Context, job *export.Job, position int64, downloads bool) gen.Job

// Options configure New. Feed, Jobs, Sessions and View are required.
type Options struct {
	Feed     jobs.Feed
	Jobs     Jobs
	Sessions Sessions
	View     View

	// PingInterval is the time between two pings, and between two checks of a socket's session.
	// 0: 30 s, half of the time after which common proxies close a silent connection.
	PingInterval time.Duration
	// WriteTimeout is how long a client may take to read one message. 0: 10 s.
	WriteTimeout time.Duration
	// RetryAfter is the time before the first retry of a failed read. 0: 1 s.
	RetryAfter time.Duration
	// PollInterval is the least time between two reads of all snapshots while the feed is lost. 0: 5 s.
	PollInterval time.Duration
	// Exporting reports whether an export runs in this process. Then it gets most of the CPU: progress
	// is sent less often if there are many sockets. Nil: never.
	Exporting func() bool
	Logger    *slog.Logger // nil: none
}

// Hub sends the job changes of a Feed to the sockets of their requesters.
//
// All sockets of a requester share each state, which is encoded once per audience. A socket keeps
// only the newest state of a few jobs. While its client does not read, new states replace older
// ones. Each socket has one goroutine, which reads. Goroutines that write exist only while there is
// something to send. The hub never waits for a socket.
type Hub struct {
	feed    jobs.Feed
	logger  *slog.Logger
	encoder *encoder
	writers *writers
	checks  *sessionChecks
	started time.Time // the zero of the hub's clock

	pingInterval time.Duration
	writeTimeout time.Duration
	pollInterval time.Duration
	polled       time.Time // only the feed's calls use it
	snapshots    *snapshots

	mu      sync.Mutex
	stopped bool
	number  int64 // of the last update or snapshot
	rooms   map[jobs.Slot]*room
	admins  map[string][]*socket // oldest first
	wheel   wheel
	batch   *batch // what the holder of mu gave to sockets; nil: nothing
	pace    pace
	left    chan struct{}  // closed when the last socket is removed; nil: nobody waits for it
	running sync.WaitGroup // counts sockets

	draining atomic.Bool
}

// now returns the time on the hub's clock, which is monotonic and starts at 0.
func (h *Hub) now() time.Duration { return time.Since(h.started) }

// New returns a hub. Its sockets receive changes only while Run runs.
func New(o Options) *Hub {
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	h := &Hub{
		feed: o.Feed, logger: o.Logger.With("component", "hub"), writers: newWriters(), started: time.Now(),
		pingInterval: cmp.Or(o.PingInterval, 30*time.Second), writeTimeout: cmp.Or(o.WriteTimeout, 10*time.Second),
		pollInterval: cmp.Or(o.PollInterval, 5*time.Second),
		rooms:        map[jobs.Slot]*room{}, admins: map[string][]*socket{},
	}
	h.pace.init(o.Exporting)
	h.checks = newSessionChecks(o.Sessions, h.logger)
	h.snapshots = &snapshots{
		jobs: o.Jobs, newUpdate: func(job *export.Job) *update { return &update{encoder: h.encoder, job: job} },
		deliver: h.deliver, logger: h.logger, hasSockets: h.hasSockets,
		retryAfter: cmp.Or(o.RetryAfter, firstRetry), permits: make(chan struct{}, maxSnapshotReads), reads: map[jobs.Slot]*snapshotRead{},
	}
	h.snapshots.ctx, h.snapshots.stop = context.WithCancel(context.Background())
	h.encoder = &encoder{ctx: h.snapshots.ctx, view: o.View, positions: &queuePositions{jobs: o.Jobs, logger: h.logger, maxAge: maxPositionAge}}
	return h
}

// Run subscribes to the feed and blocks until ctx is done. Then it closes every socket and waits
// for all of them.
func (h *Hub) Run(ctx context.Context) error {
	upkeep, stopUpkeep := context.WithCancel(context.WithoutCancel(ctx))
	var tasks sync.WaitGroup
	tasks.Go(func() { h.keepUp(upkeep) })
	err := h.feed.Subscribe(ctx, jobs.Listener{
		Job: h.publish, Progress: h.publishProgress, Control: h.control, Resubscribed: h.refresh, Lost: h.poll,
	})
	h.mu.Lock()
	h.stopped = true
	h.mu.Unlock()
	h.each(func(s *socket) { s.closeWith(closeStopping) })
	h.running.Wait()
	stopUpkeep()
	tasks.Wait()
	h.checks.close()
	h.snapshots.close()
	h.writers.stop()
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("listen to the feed: %w", err)
	}
	return nil // ctx is done
}

// poll replaces the feed while it is lost: jobs that wait for Redis say so in the database alone. The
// feed calls it at each attempt to subscribe again.
func (h *Hub) poll() {
	if now := time.Now(); now.Sub(h.polled) >= h.pollInterval {
		h.polled = now
		h.refresh()
	}
}

// EndSession closes the sockets of a session.
func (h *Hub) EndSession(id string) {
	h.each(func(s *socket) {
		if s.subscriber.Session == id {
			s.closeWith(closeSessionEnded)
		}
	})
}

// ChangeRole closes the sockets of an admin in a tenant, so that clients reconnect with the new
// role.
func (h *Hub) ChangeRole(tenant, admin string) {
	h.each(func(s *socket) {
		if s.subscriber.Admin == admin && s.subscriber.Slot.Tenant == tenant {
			s.closeWith(closeRoleChanged)
		}
	})
}

// RequireFactor closes the sockets in a tenant whose sessions had no second factor when they
// opened. Clients whose session has one now can reconnect.
func (h *Hub) RequireFactor(tenant string) {
	h.each(func(s *socket) {
		if s.subscriber.Slot.Tenant == tenant && !s.subscriber.SecondFactor {
			s.closeWith(closeRoleChanged)
		}
	})
}

func (h *Hub) control(m jobs.ControlMessage) {
	switch m.Kind {
	case jobs.ControlQueue:
		h.queueChanged()
	case jobs.ControlSessionEnded:
		h.EndSession(m.SessionID)
	case jobs.ControlRoleChanged:
		h.ChangeRole(m.Tenant, m.AdminID)
	case jobs.ControlFactorRequired:
		h.RequireFactor(m.Tenant)
	}
}

// hasSockets reports whether a requester has a socket.
func (h *Hub) hasSockets(slot jobs.Slot) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.rooms[slot] != nil
}

func (h *Hub) each(f func(*socket)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, sockets := range h.admins {
		for _, s := range sockets {
			f(s)
		}
	}
}

// add adds a socket, which receives every change from now on. Undo with remove.
func (h *Hub) add(s *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running.Add(1)
	r := h.rooms[s.subscriber.Slot]
	if r == nil {
		r = &room{sockets: map[*socket]struct{}{}, jobs: map[string]knownJob{}}
		h.rooms[s.subscriber.Slot] = r
	}
	r.sockets[s] = struct{}{}
	h.wheel.add(s)
	sockets := append(h.admins[s.subscriber.Admin], s)
	h.admins[s.subscriber.Admin] = sockets
	// Sockets that are closing stay in the list until they are closed.
	for _, old := range sockets[:max(0, len(sockets)-maxSockets)] {
		old.closeWith(closeTooMany)
	}
	if h.stopped {
		s.closeWith(closeStopping)
	}
}

func (h *Hub) remove(s *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	r := h.rooms[s.subscriber.Slot]
	if delete(r.sockets, s); len(r.sockets) == 0 {
		delete(h.rooms, s.subscriber.Slot)
	}
	rest := slices.DeleteFunc(h.admins[s.subscriber.Admin], func(o *socket) bool { return o == s })
	if h.admins[s.subscriber.Admin] = rest; len(rest) == 0 {
		delete(h.admins, s.subscriber.Admin)
	}
	h.wheel.remove(s)
	if len(h.admins) == 0 && h.left != nil {
		close(h.left)
		h.left = nil
	}
	h.running.Done()
}

// Subscriber is the owner of a socket, copied from its request.
type Subscriber struct {
	Slot    jobs.Slot
	Admin   string // id
	Session string // id
	Role    auth.Role
	// Downloads reports whether the subscriber may download the files of its jobs.
	Downloads bool

	// Progress reports whether the client understands messages of type progress.
	Progress bool

	SecondFactor bool // whether the session had a second factor at the time of the request
}
