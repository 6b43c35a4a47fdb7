package main

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/redis"
	"github.com/egress-io/egress/internal/redis/redistest"
)

// fleet is servers that share MongoDB and Redis. Each of its admins has a running job, whose progress is
// published as workers do.
type fleet struct {
	t       testing.TB
	env     []string
	tenant  string
	admins  []auth.Admin
	cookies []string // the sessions of admins
	running []export.Job

	mu     sync.Mutex
	target *process // where new sockets go
}

// newFleet starts the shared services, and adds admins with a running job each.
func newFleet(t testing.TB, admins int) *fleet {
	t.Helper()
	f := &fleet{t: t, env: append(seededExternalParts(t, 10), "EGRESS_REDIS_URL="+redistest.Server(t).URL(), "EGRESS_WORKERS=0"), tenant: "meridian"}
	db, err := mongo.Connect(t.Context(), mongo.Options{URI: f.variable("EGRESS_MONGODB_URI"), Database: f.variable("EGRESS_MONGODB_DATABASE"), SingleWriter: true})
	if err != nil {
		t.Fatal(err)
	}
	hash, err := auth.HashPassword(externalPassword)
	if err != nil {
		t.Fatal(err)
	}
	for i := range admins {
		email := fmt.Sprintf("admin%d@example.com", i)
		a := auth.Admin{
			ID: ulid.Make().String(), Email: email, Name: email, Password: hash, Created: time.Now(),
			Roles: map[string]auth.Role{f.tenant: auth.Exporter},
		}
		job := runningJob(f.tenant, a)
		if err := errors.Join(mongo.NewAdmins(db).InsertAdmin(t.Context(), &a), mongo.NewJobs(db).Insert(t.Context(), &job)); err != nil {
			t.Fatal(err)
		}
		f.admins, f.running = append(f.admins, a), append(f.running, job)
	}
	if err := db.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	return f
}

func (f *fleet) variable(name string) string {
	f.t.Helper()
	for _, pair := range slices.Backward(f.env) { // the last one counts
		if value, found := strings.CutPrefix(pair, name+"="); found {
			return value
		}
	}
	f.t.Fatalf("%s is not set", name)
	return ""
}

// runningJob returns a running job of an admin.
func runningJob(tenant string, a auth.Admin) export.Job {
	now := time.Now().UTC().Truncate(time.Millisecond)
	definition := export.Definition{
		Include: export.Include{Attributes: true}, Users: export.Selection{UserStoreID: export.All},
		File: export.FileFormat{Dialect: export.DialectSpreadsheet, Compression: export.CompressionNone},
	}
	return export.Job{
		ID: ulid.Make().String(), Tenant: tenant, Requester: export.Requester{ID: export.AdminRequester + a.ID, UserID: a.ID, Email: a.Email},
		Origin: export.FromConsole, Mode: export.Async, Definition: definition, Words: "Everyone, with attributes", Fingerprint: definition.Fingerprint(),
		Status: export.Downloading, CreatedAt: now, StartedAt: &now, Heartbeat: now.Add(time.Hour), Attempt: 1, Sequence: 1,
		Progress: export.Progress{Phase: export.Downloading, Users: export.FileProgress{RowsTotal: 1 << 40, BytesTotal: 1 << 50}},
	}
}

// start starts a server, to which new sockets go from now on.
func (f *fleet) start() *process {
	f.t.Helper()
	p := start(f.t, f.t.TempDir(), f.env)
	f.mu.Lock()
	defer f.mu.Unlock()
	f.target = p
	return p
}

func (f *fleet) newest() *process {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.target
}

// logIn logs every admin in.
func (f *fleet) logIn(p *process) {
	f.t.Helper()
	for _, a := range f.admins {
		f.cookies = append(f.cookies, p.logInAs(a.Email, externalPassword).cookies())
	}
}

// publish publishes the jobs, then a newer progress of each in every interval, spread evenly, until stop
// is closed, and then their ends.
func (f *fleet) publish(interval time.Duration, stop <-chan struct{}) error {
	client, err := redis.Connect(f.variable("EGRESS_REDIS_URL"), nil)
	if err != nil {
		return err
	}
	defer client.Close()
	bus, ctx := redis.NewBus(client), f.t.Context()
	for i := range f.running {
		if err := bus.Publish(ctx, &f.running[i]); err != nil {
			return err
		}
	}
	const steps = 50
	tick := time.NewTicker(interval / steps)
	defer tick.Stop()
	for step := 0; ; step++ {
		select {
		case <-stop:
			for i := range f.running {
				job := &f.running[i]
				now := time.Now().UTC()
				job.Sequence++
				job.Status, job.Outcome, job.CompletedAt = export.Completed, export.Completed, &now
				if err := bus.Publish(ctx, job); err != nil {
					return err
				}
			}
			return nil
		case <-tick.C:
		}
		for i := step % steps; i < len(f.running); i += steps {
			job := &f.running[i]
			first := job.Version() - job.Sequence + 1
			job.Sequence++
			job.Progress.Users.Rows += 2_500
			e := jobs.ProgressEvent{
				Tenant: job.Tenant, RequesterID: job.Requester.ID, JobID: job.ID, Version: job.Version(), StateVersion: first, Progress: job.Progress,
			}
			if err := bus.PublishProgress(ctx, e); err != nil {
				return err
			}
		}
	}
}

// otherRequests asks the newest server who is logged in, every 20 ms, until stop is closed. It returns the
// number of answers.
func (f *fleet) otherRequests(stop <-chan struct{}) (answers int) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return answers
		case <-tick.C:
		}
		req, err := http.NewRequestWithContext(f.t.Context(), http.MethodGet, f.newest().url+"/v4/me", http.NoBody)
		if err != nil {
			f.t.Error(err)
			return answers
		}
		req.Header.Set("Cookie", f.cookies[0])
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			f.t.Errorf("another request: %v", err)
			continue
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			f.t.Errorf("another request: %s", res.Status)
		}
		answers++
	}
}
