package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/frontend"
	"github.com/egress-io/egress/internal/api"
	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/export/jobs"
	"github.com/egress-io/egress/internal/export/run"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/redis"
)

const (
	closeTimeout = 10 * time.Second // to disconnect
	drainTimeout = 10 * time.Second // for requests that are being answered
)

type serveCmd struct {
	Demo      bool `help:"Make demo data where there is no tenant yet."`
	DemoUsers int  `default:"2500" help:"Users of each demo tenant."`
}

// Run serves until ctx ends, and then ends in order: no more requests, jobs handed back, the last news sent.
func (cmd *serveCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	log := newLogger(cfg, term.err)
	ln, err := listen(ctx, cfg)
	if err != nil {
		return err
	}
	defer ln.Close()
	public := cfg.URL(ln.Addr())
	if a, ok := ln.Addr().(*net.TCPAddr); ok && a.IP.IsUnspecified() && cfg.PublicURL == "" {
		log.WarnContext(ctx, "links will only work on this machine: set EGRESS_PUBLIC_URL to the address that others use", "now", public)
	}
	sys, err := openAll(ctx, cfg, log, public)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, sys.close()) }()

	first, err := sys.ensureAdmin(ctx, cfg)
	if err != nil {
		return err
	}
	if err := sys.prepareTenants(ctx, cmd.Demo, cmd.DemoUsers, term); err != nil {
		return err
	}
	if err := sys.openFeatures(ctx); err != nil {
		return err
	}
	svc, err := sys.jobs(cfg, public)
	if err != nil {
		return err
	}
	sys.restore(ctx, svc)
	authority, err := auth.New(auth.Options{Store: sys.accounts, Throttle: redis.NewThrottle(sys.redis), Logger: log})
	if err != nil {
		return err
	}
	keys, err := sys.keys(cfg)
	if err != nil {
		return err
	}
	app, hub, err := sys.web(cfg, svc, authority, keys, public)
	if err != nil {
		return err
	}

	// Each stage ends before the next one is told to.
	g, failed := errgroup.WithContext(context.WithoutCancel(ctx))
	sockets, closeSockets := stage(failed, g, hub.Run)
	streams, stopStreams := stage(failed, g, svc.Streams)
	workers, stopWorkers := stage(failed, g, func(ctx context.Context) error { return sys.work(ctx, cfg, svc) })
	background, stopBackground := stage(failed, g, func(ctx context.Context) error {
		var both sync.WaitGroup
		both.Go(func() { svc.Run(ctx) })
		both.Go(func() { authority.Run(ctx) })
		both.Wait()
		return nil
	})
	g.Go(func() error { return app.Listener(ln) })
	greet(term, public, first)

	select {
	case <-ctx.Done():
		log.InfoContext(ctx, "ending")
	case <-failed.Done():
	}
	closeSockets()
	<-sockets
	if err := app.ShutdownWithTimeout(drainTimeout); err != nil {
		log.WarnContext(ctx, "requests were cut off", "error", err)
	}
	stopStreams()
	<-streams
	stopWorkers()
	<-workers
	stopBackground()
	<-background
	return g.Wait()
}

// stage runs f in the group. The channel is closed when f has returned; stop tells it to.
func stage(parent context.Context, g *errgroup.Group, f func(context.Context) error) (done <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent))
	ended := make(chan struct{})
	g.Go(func() error {
		defer cancel()
		defer close(ended)
		return f(ctx)
	})
	return ended, cancel
}

// greet tells where Egress is and how to get in. It goes to the terminal and never into the log.
func greet(term terminal, public string, first *login) {
	fmt.Fprintf(term.out, "\nEgress is ready at %s\n", public)
	if first != nil {
		fmt.Fprintf(term.out, "  e-mail:   %s\n  password: %s\n", first.email, first.password)
	}
	fmt.Fprintf(term.out, "  API:      %s/docs/api/\n\n", public)
}

// runner makes files.
func (s *system) runner(cfg *config.Config) *run.Runner {
	directory := mongo.NewDirectory(s.db)
	readers := cfg.Readers
	if cfg.EmbeddedParts().MongoDB && cfg.UsersMongoDBURI == "" {
		readers = 1 // it finds no place in the order of ids without reading all users before
	}
	return &run.Runner{
		Directory: directory, Users: mongo.NewUsers(s.db, directory), Events: mongo.NewEvents(s.db),
		Storage: s.storage, Logger: s.log, Version: version,
		Settings: run.Settings{Readers: readers},
	}
}

// jobs is the service that admits, runs and looks after jobs. Links in e-mails begin with the public address; a process
// that does not know it leaves e-mails to those that do.
func (s *system) jobs(cfg *config.Config, public string) (*jobs.Service, error) {
	bus := redis.NewBus(s.redis)
	parts := jobs.Parts{
		Store: mongo.NewJobs(s.db), Gate: redis.NewLock(s.redis), Queue: redis.NewQueue(s.redis), Bus: bus, Feed: bus,
		Storage: s.storage, Executor: s.runner(cfg), Retention: s.accounts.Retention, Logger: s.log,
	}
	if public != "" {
		mailer, err := s.mailer(cfg, public)
		if err != nil {
			return nil, err
		}
		parts.Mailer = mailer
	}
	return jobs.New(parts, jobs.Settings{Retention: cfg.Retention, MailElsewhere: public == ""}), nil
}

// work works on queued jobs until ctx ends, as many at once as the settings say.
func (s *system) work(ctx context.Context, cfg *config.Config, svc *jobs.Service) error {
	if cfg.Workers == 0 {
		<-ctx.Done()
		return nil
	}
	return redis.NewQueue(s.redis).Serve(ctx, cfg.Workers, svc.Work)
}

// atWork works on exports and looks after them, until stop: then the workers end, and then who looks after them. The context ends
// by itself where either gave up; stop returns why.
func (s *system) atWork(ctx context.Context, cfg *config.Config, svc *jobs.Service) (failed context.Context, stop func() error) {
	g, failed := errgroup.WithContext(context.WithoutCancel(ctx))
	workers, stopWorkers := stage(failed, g, func(ctx context.Context) error { return s.work(ctx, cfg, svc) })
	_, stopBackground := stage(failed, g, func(ctx context.Context) error { svc.Run(ctx); return nil })
	return failed, func() error {
		stopWorkers()
		<-workers
		stopBackground()
		return g.Wait()
	}
}

// restore brings the locks of jobs that live back to where admission looks first.
func (s *system) restore(ctx context.Context, svc *jobs.Service) {
	if err := svc.Restore(ctx); err != nil {
		s.log.WarnContext(ctx, "locks are not restored yet; admission goes by the database", "error", err)
	}
}

// web is the API, the sockets and the pages.
func (s *system) web(cfg *config.Config, svc *jobs.Service, authority *auth.Service, keys *auth.Keys, public string) (*fiber.App, *api.Hub, error) {
	bus := redis.NewBus(s.redis)
	hub := api.NewHub(api.HubOptions{Feed: bus, Jobs: svc, Auth: authority, Logger: s.log})
	runner := s.runner(cfg)
	pages, _ := frontend.Files()
	people := mongo.NewUsers(s.db, runner.Directory)
	records := struct {
		*mongo.Users
		*mongo.UserWriter
	}{people, mongo.NewUserWriter(s.db)}
	deps := api.Deps{
		Auth: authority, Keys: keys, Audit: audit.NewTrail(mongo.NewAuditLog(s.db), nil), Jobs: svc, Features: s.features,
		Settings: s.accounts, Definitions: runner, Users: people, Places: redis.NewPlaces(s.redis), Records: records,
		Directory: runner.Directory, Control: bus, Hub: hub, PublicURL: public, Proxies: cfg.TrustedProxies, Console: pages, Logger: s.log,
		Checks: map[string]func(context.Context) error{"mongodb": s.db.Ping, "redis": s.redis.Ping, "storage": s.storage.Ping},
	}
	if cfg.SMTPURL == "" {
		deps.Outbox = mongo.NewOutbox(s.db)
	}
	gateway, err := s.gateway()
	if err != nil {
		return nil, nil, err
	}
	if gateway != "" {
		deps.Files = api.NewFilesProxy(embeddedBucket, gateway)
	}
	app, err := api.New(deps)
	return app, hub, err
}
