package api

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/exporter"
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

// Hub sends the job changes of a Feed to the sockets of their requesters.
//
// A socket keeps only the newest state of a few jobs. While its client does not read, new states
// replace older ones. Each socket has one writing and one reading goroutine, which end with its
// connection. The hub never waits for a socket.
type Hub struct {
	feed   jobs.Feed
	jobs   Jobs
	auth   Auth
	logger *slog.Logger

	pingEvery    time.Duration // also the interval in which a socket's session is checked
	writeTimeout time.Duration // for one message; a slower client does not read
	snapshots    *snapshots

	mu      sync.Mutex
	stopped bool
	slots   map[jobs.Slot]map[*socket]struct{}
	admins  map[string][]*socket // oldest first
	running sync.WaitGroup       // counts sockets
}

// HubOptions configure NewHub.
type HubOptions struct {
	Feed   jobs.Feed
	Jobs   Jobs
	Auth   Auth
	Logger *slog.Logger // nil: none
}

// NewHub returns a hub. Its sockets receive changes only while Run runs.
func NewHub(o HubOptions) *Hub {
	h := &Hub{
		feed: o.Feed, jobs: o.Jobs, auth: o.Auth, logger: o.Logger,
		pingEvery: 30 * time.Second, writeTimeout: 10 * time.Second,
		slots: map[jobs.Slot]map[*socket]struct{}{}, admins: map[string][]*socket{},
	}
	if h.logger == nil {
		h.logger = slog.New(slog.DiscardHandler)
	}
	h.logger = h.logger.With("component", "hub")
	h.snapshots = newSnapshots(h.jobs, h.logger, h.hasSockets)
	return h
}

// Run subscribes to the feed and blocks until ctx is done. Then it closes every socket and waits
// for all of them.
func (h *Hub) Run(ctx context.Context) error {
	err := h.feed.Subscribe(ctx, jobs.Listener{Job: h.publish, Control: h.control, Resubscribed: h.refresh})
	h.mu.Lock()
	h.stopped = true
	h.mu.Unlock()
	h.each(func(s *socket) { s.closeWith(closeStopping) })
	h.running.Wait()
	h.snapshots.close()
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("listen to the feed: %w", err)
	}
	return nil // ctx is done
}

// EndSession closes the sockets of a session.
func (h *Hub) EndSession(id string) {
	h.each(func(s *socket) {
		if s.subscriber.session == id {
			s.closeWith(closeSessionEnded)
		}
	})
}

// ChangeRole closes the sockets of an admin in a tenant, so that clients reconnect with the new
// role.
func (h *Hub) ChangeRole(tenant, admin string) {
	h.each(func(s *socket) {
		if s.subscriber.admin == admin && s.subscriber.slot.Tenant == tenant {
			s.closeWith(closeRoleChanged)
		}
	})
}

// RequireFactor closes the sockets in a tenant whose sessions had no second factor when they
// opened. Clients whose session has one now can reconnect.
func (h *Hub) RequireFactor(tenant string) {
	h.each(func(s *socket) {
		if s.subscriber.slot.Tenant == tenant && !s.subscriber.secondFactor {
			s.closeWith(closeRoleChanged)
		}
	})
}

// publish offers a job's new state to its requester's sockets.
func (h *Hub) publish(job *export.Job) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.slots[jobs.SlotOf(job)] {
		s.offer(job)
	}
}

func (h *Hub) control(m jobs.ControlMessage) {
	switch m.Kind {
	case jobs.ControlQueue:
		h.each((*socket).queueChanged)
	case jobs.ControlSessionEnded:
		h.EndSession(m.SessionID)
	case jobs.ControlRoleChanged:
		h.ChangeRole(m.Tenant, m.AdminID)
	case jobs.ControlFactorRequired:
		h.RequireFactor(m.Tenant)
	}
}

// refresh sends a new snapshot to every socket, because messages may have been lost. The sockets of
// a requester share one read.
func (h *Hub) refresh() {
	h.mu.Lock()
	defer h.mu.Unlock()
	maxDelay := min(time.Duration(len(h.slots))*delayPerRequester, maxRefreshDelay)
	for slot, room := range h.slots {
		var links exporter.Linker
		for s := range room {
			if links = s.subscriber.links; links != nil {
				break
			}
		}
		p := h.snapshots.request(slot, links, maxDelay)
		for s := range room {
			s.awaitSnapshot(p)
		}
	}
}

// hasSockets reports whether a requester has a socket.
func (h *Hub) hasSockets(slot jobs.Slot) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return len(h.slots[slot]) > 0
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
	room := h.slots[s.subscriber.slot]
	if room == nil {
		room = map[*socket]struct{}{}
		h.slots[s.subscriber.slot] = room
	}
	room[s] = struct{}{}
	sockets := append(h.admins[s.subscriber.admin], s)
	h.admins[s.subscriber.admin] = sockets
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
	delete(h.slots[s.subscriber.slot], s)
	if len(h.slots[s.subscriber.slot]) == 0 {
		delete(h.slots, s.subscriber.slot)
	}
	rest := slices.DeleteFunc(h.admins[s.subscriber.admin], func(o *socket) bool { return o == s })
	if h.admins[s.subscriber.admin] = rest; len(rest) == 0 {
		delete(h.admins, s.subscriber.admin)
	}
	h.running.Done()
}

// subscriber is the owner of a socket, copied from its request.
type subscriber struct {
	slot    jobs.Slot
	admin   string // id
	session string // id
	role    auth.Role
	links   exporter.Linker // nil if the subscriber may not see links

	secondFactor bool // at the time of the request
}

func (s *server) newSubscriber(c *fiber.Ctx) subscriber {
	who := callerOf(c)
	m := subscriber{
		slot:  jobs.Slot{Tenant: who.tenant.ID, RequesterID: requesterID(who.admin)},
		admin: who.admin.ID, session: who.session.ID, role: who.role,
		secondFactor: who.session.SecondFactor,
	}
	if who.role.Includes(auth.Exporter) {
		m.links = s.exports.LinkerFor(s.auditRecord(c, audit.LinkGiven, "", ""))
	}
	return m
}

// checkSession returns a close reason if the subscriber may no longer listen. An unavailable
// database is not a reason.
func (h *Hub) checkSession(ctx context.Context, m subscriber) (closeReason, bool) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	membership, err := h.auth.Check(ctx, m.session, m.slot.Tenant)
	switch errs.CodeOf(err) {
	case "":
		return closeRoleChanged, membership.Role != m.role
	case errs.CodeNotFound, errs.CodeSecondFactorMissing:
		return closeRoleChanged, true
	case errs.CodeUnauthenticated:
		return closeSessionEnded, true
	default:
		h.logger.WarnContext(ctx, "cannot check the session of a socket; keeping the socket open", "error", err)
		return closeReason{}, false
	}
}
