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
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/export/jobs"
)

// maxSockets is how many sockets one admin may have; one more closes the oldest.
const maxSockets = 20

// The reasons for which the server closes a socket (RFC 6455 leaves 4000–4999 to applications).
var (
	endStopping    = ending{1001, "server_stopping"}
	endUnavailable = ending{1013, "unavailable"} // come back later, and poll meanwhile
	endSession     = ending{4001, "session_ended"}
	endTooMany     = ending{4002, "too_many_sockets"}
	endSlow        = ending{4003, "too_slow"}
	endRole        = ending{4004, "role_changed"} // other things are theirs to see now: they come back, and get those
)

type ending struct {
	code   int
	reason string
}

// Hub tells the jobs of one Feed to the sockets of their requesters.
//
// A socket holds at most the newest state of a few jobs; what comes while it does not read replaces what came before.
// Each socket has one goroutine that writes and one that reads, both gone when its connection is. The hub itself never
// waits for a socket.
type Hub struct {
	feed   jobs.Feed
	jobs   Jobs
	auth   Auth
	logger *slog.Logger

	pingEvery    time.Duration // also how often a socket's session is looked at
	writeTimeout time.Duration // of one message; a socket that takes longer does not read

	mu      sync.Mutex
	stopped bool
	rooms   map[jobs.Slot]map[*socket]struct{}
	admins  map[string][]*socket // oldest first
	running sync.WaitGroup       // sockets
}

// HubOptions configure NewHub.
type HubOptions struct {
	Feed   jobs.Feed
	Jobs   Jobs
	Auth   Auth
	Logger *slog.Logger // nil: none
}

// NewHub makes a hub. Sockets hear nothing until Run is called.
func NewHub(o HubOptions) *Hub {
	h := &Hub{
		feed: o.Feed, jobs: o.Jobs, auth: o.Auth, logger: o.Logger,
		pingEvery: 30 * time.Second, writeTimeout: 10 * time.Second,
		rooms: map[jobs.Slot]map[*socket]struct{}{}, admins: map[string][]*socket{},
	}
	if h.logger == nil {
		h.logger = slog.New(slog.DiscardHandler)
	}
	h.logger = h.logger.With("component", "hub")
	return h
}

// Run listens to the feed until ctx ends; then it closes every socket and returns when all are gone.
func (h *Hub) Run(ctx context.Context) error {
	err := h.feed.Subscribe(ctx, jobs.Listener{Job: h.job, Control: h.message, Resubscribed: h.refresh})
	h.mu.Lock()
	h.stopped = true
	h.mu.Unlock()
	h.each(func(s *socket) { s.end(endStopping) })
	h.running.Wait()
	if err != nil && ctx.Err() == nil {
		return fmt.Errorf("listen to the feed: %w", err)
	}
	return nil // told to stop
}

// EndSession closes the sockets of a session.
func (h *Hub) EndSession(id string) {
	h.each(func(s *socket) {
		if s.member.session == id {
			s.end(endSession)
		}
	})
}

// ChangeRole closes the sockets of an admin in a tenant, so that they come back as what they are now.
func (h *Hub) ChangeRole(tenant, admin string) {
	h.each(func(s *socket) {
		if s.member.admin == admin && s.member.slot.Tenant == tenant {
			s.end(endRole)
		}
	})
}

// job offers a job's new state to its requester's sockets.
func (h *Hub) job(job *export.Job) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for s := range h.rooms[jobs.SlotOf(job)] {
		s.offer(job)
	}
}

func (h *Hub) message(m jobs.ControlMessage) {
	switch m.Kind {
	case jobs.ControlQueue:
		h.each((*socket).queueMoved)
	case jobs.ControlSessionEnded:
		h.EndSession(m.SessionID)
	case jobs.ControlRoleChanged:
		h.ChangeRole(m.Tenant, m.AdminID)
	}
}

// refresh has every socket read a fresh snapshot: something may have been missed.
func (h *Hub) refresh() { h.each((*socket).refresh) }

func (h *Hub) each(f func(*socket)) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, sockets := range h.admins {
		for _, s := range sockets {
			f(s)
		}
	}
}

// join adds a socket. It hears of every change from here on; leave undoes it.
func (h *Hub) join(s *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.running.Add(1)
	room := h.rooms[s.member.slot]
	if room == nil {
		room = map[*socket]struct{}{}
		h.rooms[s.member.slot] = room
	}
	room[s] = struct{}{}
	all := append(h.admins[s.member.admin], s)
	h.admins[s.member.admin] = all
	// Those who were told to go are in the list until they have gone.
	for _, old := range all[:max(0, len(all)-maxSockets)] {
		old.end(endTooMany)
	}
	if h.stopped {
		s.end(endStopping)
	}
}

func (h *Hub) leave(s *socket) {
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.rooms[s.member.slot], s)
	if len(h.rooms[s.member.slot]) == 0 {
		delete(h.rooms, s.member.slot)
	}
	rest := slices.DeleteFunc(h.admins[s.member.admin], func(o *socket) bool { return o == s })
	if h.admins[s.member.admin] = rest; len(rest) == 0 {
		delete(h.admins, s.member.admin)
	}
	h.running.Done()
}

// member is whose socket it is, copied out of the request that became it.
type member struct {
	slot    jobs.Slot
	admin   string // id
	session string // id
	role    auth.Role
	links   linker // nil: links are not theirs to see
}

func (s *server) memberOf(c *fiber.Ctx) member {
	who := callerOf(c)
	m := member{
		slot:  jobs.Slot{Tenant: who.tenant.ID, RequesterID: requesterID(who.admin)},
		admin: who.admin.ID, session: who.session.ID, role: who.role,
	}
	if who.role.Includes(auth.Exporter) {
		m.links = noted(s.jobs, s.audit, s.by(c, audit.LinkGiven, "", ""))
	}
	return m
}

// check returns why a member may not listen any more, if so. That the database does not answer is no reason.
func (h *Hub) check(ctx context.Context, m member) (ending, bool) {
	ctx, cancel := context.WithTimeout(ctx, readLimit)
	defer cancel()
	membership, err := h.auth.Check(ctx, m.session, m.slot.Tenant)
	switch export.CodeOf(err) {
	case "":
		return endRole, membership.Role != m.role
	case export.CodeNotFound:
		return endRole, true
	case export.CodeUnauthenticated:
		return endSession, true
	default:
		h.logger.WarnContext(ctx, "could not look at the session of a socket", "error", err)
		return ending{}, false
	}
}
