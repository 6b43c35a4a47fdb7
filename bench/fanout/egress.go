package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"time"

	"github.com/oklog/ulid/v2"

	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/sqlite"
	"github.com/egress-io/egress/internal/users/seed"
)

// egress is an installation of Egress with one admin per job, who has a session. It implements
// protocol.
type egress struct {
	program, dir string
	tenant       string
	redis        *redisServer
	password     string
	admins       []auth.Admin // the first runs exports, each other one owns a job
	cookies      []string     // the sessions of admins
	host         string       // of the server that runs
}

// install creates a data directory with users, and admins for a number of jobs, and logs them in.
func install(ctx context.Context, f flags, jobs int, dir string, redis *redisServer) (*egress, error) {
	e := &egress{program: f.program, dir: dir, tenant: seed.Tenants()[0].ID, redis: redis, password: rand.Text()}
	if out, err := command(ctx, dir, e.env(), e.program, "seed", "--users", strconv.Itoa(f.users)).CombinedOutput(); err != nil {
		return nil, fmt.Errorf("egress seed: %w\n%s", err, out)
	}
	if err := e.addAdmins(ctx, jobs); err != nil {
		return nil, fmt.Errorf("add admins: %w", err)
	}
	server, err := e.start(ctx)
	if err != nil {
		return nil, err
	}
	return e, errors.Join(e.logIn(ctx, server), server.stop())
}

func (e *egress) dataDir() string { return filepath.Join(e.dir, "data") }

// filesDir is where the embedded storage keeps the files of the exports.
func (e *egress) filesDir() string { return filepath.Join(e.dataDir(), "objects", "exports", e.tenant) }

func (e *egress) env() []string {
	return []string{"EGRESS_DATA_DIR=" + e.dataDir(), "EGRESS_REDIS_URL=" + e.redis.url}
}

// start starts the server.
func (e *egress) start(ctx context.Context) (*process, error) {
	p, err := start("egress", command(ctx, e.dir, e.env(), e.program, "serve", "--addr", "127.0.0.1:0"))
	if err == nil {
		e.host = p.address.String()
	}
	return p, err
}

// addAdmins writes admins to the database, each with a finished job, and all with the same password:
// hashing one for each takes longer than the benchmark.
func (e *egress) addAdmins(ctx context.Context, jobs int) error {
	hash, err := auth.HashPassword(e.password)
	if err != nil {
		return err
	}
	db, err := sqlite.Open(ctx, sqlite.Options{Dir: filepath.Join(e.dataDir(), "sqlite")})
	if err != nil {
		return err
	}
	store, finished := sqlite.NewAdmins(db), sqlite.NewJobs(db)
	for i := range jobs + 1 {
		email := fmt.Sprintf("admin%d@example.com", i)
		a := auth.Admin{
			ID: ulid.Make().String(), Email: email, Name: email, Password: hash, Created: time.Now(),
			Roles: map[string]auth.Role{e.tenant: auth.Exporter},
		}
		if err := store.InsertAdmin(ctx, &a); err != nil {
			return errors.Join(err, db.Close())
		}
		if err := finished.Insert(ctx, earlierJob(e.tenant, a)); err != nil {
			return errors.Join(err, db.Close())
		}
		e.admins = append(e.admins, a)
	}
	return db.Close()
}

// logIn logs every admin in.
func (e *egress) logIn(ctx context.Context, server *process) error {
	e.cookies = make([]string, len(e.admins))
	failures := make([]error, len(e.admins))
	permits := make(chan struct{}, runtime.NumCPU()) // as many passwords as the server checks at a time
	var running sync.WaitGroup
	for i, a := range e.admins {
		permits <- struct{}{}
		running.Go(func() {
			defer func() { <-permits }()
			e.cookies[i], failures[i] = logIn(ctx, server.url(), a.Email, e.password)
		})
	}
	running.Wait()
	return errors.Join(failures...)
}

// request implements protocol.
func (e *egress) request(job, _ int) []byte {
	return fmt.Appendf(nil, "GET /ws?tenant=%s&progress=true HTTP/1.1\r\nHost: %s\r\nOrigin: http://%s\r\nCookie: %s\r\n"+
		"Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: %s\r\n\r\n", e.tenant, e.host, e.host, e.cookies[job+1], webSocketKey)
}

// webSocketKey is the example of RFC 6455. The servers only require its form.
const webSocketKey = "dGhlIHNhbXBsZSBub25jZQ=="

func (*egress) greeting(int) string  { return "" }
func (*egress) answer([]byte) string { return "" }

// publisher starts a publisher of a number of running jobs. The first admin owns none of them. ThroughFaults
// makes it continue after failures of Redis.
func (e *egress) publisher(ctx context.Context, n int, throughFaults bool) (busPublisher, error) {
	program, err := os.Executable()
	if err != nil {
		return busPublisher{}, err
	}
	all := make([]export.Job, 0, n)
	for _, a := range e.admins[1 : n+1] {
		all = append(all, newJob(e.tenant, a))
	}
	text, err := json.Marshal(all)
	if err != nil {
		return busPublisher{}, err
	}
	p, err := startPublisher(command(ctx, e.dir, nil, program, publishArgument, e.redis.url, strconv.FormatBool(throughFaults)))
	if err != nil {
		return busPublisher{}, err
	}
	if err := p.write(text); err != nil {
		return busPublisher{}, errors.Join(err, p.stop())
	}
	return busPublisher{p}, nil
}
