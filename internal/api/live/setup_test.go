package live

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/fasthttp/websocket"
	"github.com/gofiber/fiber/v2"

	"github.com/egress-io/egress/internal/api/gen"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
)

const waitTimeout = 2 * time.Minute // for events that must happen

var errDown = errors.New("the database does not answer")

// admin is an admin with a session, whose id is the token.
type admin struct {
	id    string
	roles map[string]auth.Role // by tenant
}

// server is an app with a hub that listens on loopback. The tokens "owner", "exporter" and "viewer"
// have that role in meridian. "exporter" is a viewer in orion.
type server struct {
	t       testing.TB
	options Options // of the hub
	hub     *Hub
	app     *fiber.App
	address string

	listener jobs.Listener
	feed     chan jobs.Listener

	mu       sync.Mutex
	sessions map[string]admin
	required map[string]bool // tenants that require a second factor, which no session has

	// These replace the database.
	snapshot func(tenant, requester string) ([]*export.Job, error)
	queue    func() map[string]int64
	fileURL  func(*export.Job, export.File) string // of a file; called while a job is encoded
}

func newServer(t testing.TB, change ...func(*server)) *server {
	t.Helper()
	s := &server{
		t: t, feed: make(chan jobs.Listener, 1), sessions: map[string]admin{}, required: map[string]bool{},
		snapshot: func(string, string) ([]*export.Job, error) { return nil, nil },
		queue:    func() map[string]int64 { return map[string]int64{"j1": 2} },
		fileURL:  func(_ *export.Job, f export.File) string { return "/files/" + f.Key },
	}
	for _, role := range []auth.Role{auth.Owner, auth.Exporter, auth.Viewer} {
		s.sessions[string(role)] = admin{id: "01" + string(role), roles: map[string]auth.Role{"meridian": role}}
	}
	s.sessions["exporter"].roles["orion"] = auth.Viewer
	s.options = Options{Feed: s, Jobs: s, Sessions: s, View: s.view}
	for _, f := range change {
		f(s)
	}
	s.hub = New(s.options)
	s.hub.encoder.positions.maxAge = waitTimeout
	s.app = fiber.New(fiber.Config{DisableStartupMessage: true, Immutable: true, ReduceMemoryUsage: true})
	s.app.Server().KeepHijackedConns = true
	s.app.Get("/ws", func(c *fiber.Ctx) error {
		token, tenant := c.Query("token"), c.Query("tenant", "meridian")
		s.mu.Lock()
		a := s.sessions[token]
		s.mu.Unlock()
		role := a.roles[tenant]
		m := Subscriber{Slot: jobs.Slot{Tenant: tenant, RequesterID: "admin:" + a.id}, Admin: a.id, Session: token, Role: role, Progress: c.QueryBool("progress"), Downloads: role.Includes(auth.Exporter)}
		return s.hub.Serve(c, m)
	})
	s.app.Get("/other", func(c *fiber.Ctx) error { return c.SendStatus(http.StatusNoContent) })
	return s
}

// Subscribe implements jobs.Feed: it gives the listener to the test.
func (s *server) Subscribe(ctx context.Context, l jobs.Listener) error {
	s.feed <- l
	<-ctx.Done()
	return ctx.Err()
}

// Snapshot implements Jobs.
func (s *server) Snapshot(_ context.Context, tenant, requester string) ([]*export.Job, error) {
	return s.snapshot(tenant, requester)
}

// QueuePositions implements Jobs.
func (s *server) QueuePositions(context.Context) (map[string]int64, error) { return s.queue(), nil }

// Check implements Sessions.
func (s *server) Check(_ context.Context, session, tenant string) (auth.Membership, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.sessions[session]
	switch {
	case !ok:
		return auth.Membership{}, errs.Errorf(errs.CodeUnauthenticated, "Your session has ended.")
	case !a.roles[tenant].Valid():
		return auth.Membership{}, errs.Errorf(errs.CodeNotFound, "You have no access to this tenant.")
	case s.required[tenant]:
		return auth.Membership{}, errs.Errorf(errs.CodeSecondFactorMissing, "This tenant requires a second factor.")
	}
	return auth.Membership{Tenant: auth.Tenant{ID: tenant}, Role: a.roles[tenant]}, nil
}

// setRole changes a role in the database, or removes it if role is "".
func (s *server) setRole(token, tenant string, role auth.Role) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.sessions[token]
	a.roles = maps.Clone(a.roles)
	if a.roles[tenant] = role; role == "" {
		delete(a.roles, tenant)
	}
	s.sessions[token] = a
}

func (s *server) endSession(token string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.sessions, token)
}

func (s *server) view(_ context.Context, job *export.Job, position int64, downloads bool) gen.Job {
	v := gen.Job{JobID: job.ID, Version: job.Version(), Status: job.Status, Definition: job.Definition, Words: job.Words}
	if n := int(position); n > 0 {
		v.QueuePosition = &n
	}
	for _, f := range job.Files {
		file := gen.File{Kind: f.Kind}
		if downloads {
			file.FileURL = new(s.fileURL(job, f))
		}
		v.Files = append(v.Files, file)
	}
	return v
}

// start serves an app, with its hub running.
func start(t testing.TB, change ...func(*server)) *server {
	t.Helper()
	s := newServer(t, change...)
	ctx, stop := context.WithCancel(t.Context())
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		if err := s.hub.Run(ctx); err != nil {
			t.Errorf("the hub: %v", err)
		}
	}()
	s.listener = <-s.feed
	shutdown := s.serve()
	t.Cleanup(func() {
		stop()
		<-stopped
		shutdown()
	})
	return s
}

// serve serves the app until shutdown is called.
func (s *server) serve() (shutdown func()) {
	s.t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		s.t.Fatal(err)
	}
	s.address = ln.Addr().String()
	served := make(chan error, 1)
	go func() { served <- s.app.Listener(ln) }()
	return func() {
		if err := s.app.ShutdownWithTimeout(waitTimeout); err != nil {
			s.t.Errorf("shut down: %v", err)
		}
		if err := <-served; err != nil {
			s.t.Errorf("the app: %v", err)
		}
	}
}

// dial opens a socket.
func (s *server) dial(token, query string) *client {
	s.t.Helper()
	conn, resp, err := websocket.DefaultDialer.DialContext(s.t.Context(), "ws://"+s.address+"/ws?token="+token+query, nil)
	if err != nil {
		s.t.Fatal(err)
	}
	_ = resp.Body.Close()
	s.t.Cleanup(func() { _ = conn.Close() })
	return &client{conn, s.t}
}

// open opens a socket and reads its first snapshot.
func (s *server) open(token, query string) *client {
	s.t.Helper()
	c := s.dial(token, query)
	if m := c.next(); m.Type != "snapshot" {
		s.t.Fatalf("the first message is %+v", m)
	}
	return c
}

type client struct {
	*websocket.Conn
	t testing.TB
}

type message struct {
	Type string
	Jobs []sentJobView
	Job  sentJobView

	JobID    string
	Version  int64
	Progress export.Progress
	AfterMS  *int64
}

// sentJobView is the part of a job in a message that tests read.
type sentJobView struct {
	JobID         string
	Version       int64
	Status        string
	QueuePosition *int
	Files         []struct{ FileURL string }
}

// address returns the address of the job's first file, or "".
func (j sentJobView) address() string {
	if len(j.Files) == 0 {
		return ""
	}
	return j.Files[0].FileURL
}

func (c *client) next() message {
	c.t.Helper()
	m, err := c.read()
	if err != nil {
		c.t.Fatal(err)
	}
	return m
}

func (c *client) read() (m message, err error) { return c.readUntil(time.Now().Add(waitTimeout)) }

func (c *client) readUntil(deadline time.Time) (m message, err error) {
	if err := c.SetReadDeadline(deadline); err != nil {
		return m, err
	}
	_, body, err := c.ReadMessage()
	if err != nil {
		return m, err
	}
	return m, json.Unmarshal(body, &m)
}

// expectClose reads until the server closes the socket, and checks the reason.
func (c *client) expectClose(code int, reason string) {
	c.t.Helper()
	for {
		_, err := c.read()
		if err == nil {
			continue
		}
		if e, ok := errors.AsType[*websocket.CloseError](err); !ok || e.Code != code || e.Text != reason {
			c.t.Errorf("closed by %v, want %d %s", err, code, reason)
		}
		return
	}
}

func queued(id string, sequence int64) *export.Job {
	return &export.Job{
		ID: id, Tenant: "meridian", Requester: export.Requester{ID: "admin:01exporter"}, Status: export.Queued,
		Mode: export.Async, Origin: export.FromConsole, Sequence: sequence, Progress: export.Progress{Phase: export.Queued},
		Definition: export.Definition{Include: export.Include{Grants: true}},
	}
}

func running(id string, sequence int64) *export.Job {
	job := queued(id, sequence)
	job.Status, job.Attempt = export.Downloading, 1
	return job
}

func (s *server) sockets() (n int) {
	s.hub.each(func(*socket) { n++ })
	return n
}

// maxPending returns the maximum number of jobs pending for a socket.
func (s *server) maxPending() (most int) {
	s.hub.each(func(o *socket) {
		o.mu.Lock()
		defer o.mu.Unlock()
		most = max(most, len(o.pending.updates))
	})
	return most
}

// finished returns a completed job of an admin in meridian, with a file.
func finished(admin string) *export.Job {
	job := running("01JDB7V2M9QKX3W8ZP5T6R4NHE", 9)
	job.Requester.ID, job.Status = "admin:"+admin, export.Completed
	job.Files = []export.File{{Kind: export.UsersFile, Name: "users.csv", Key: "k1"}}
	return job
}

// waitFor polls until done returns true.
func waitFor(t *testing.T, done func() bool) {
	t.Helper()
	deadline := time.After(waitTimeout)
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-tick.C:
		case <-deadline:
			t.Fatal("timed out")
		}
	}
}
