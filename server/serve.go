package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"runtime/debug"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/sync/errgroup"

	"github.com/egress-io/egress/frontend"
	"github.com/egress-io/egress/internal/api"
	"github.com/egress-io/egress/internal/api/live"
	"github.com/egress-io/egress/internal/auth"
	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/exporter"
	"github.com/egress-io/egress/internal/jobs"
	"github.com/egress-io/egress/internal/mail"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/redis"
)

const (
	closeTimeout = 10 * time.Second // for closing connections
	drainTimeout = 10 * time.Second // for requests in progress
)

type serveCmd struct {
	Demo      bool `help:"Create demo data if no tenant exists."`
	DemoUsers int  `default:"2500" help:"Number of users in each demo tenant."`
}

// Run serves until ctx is done. It then stops in this order: sockets (whose clients first move to
// other servers), requests, streams, workers (which hand their jobs back), background tasks. It returns
// the first error of a stage.
func (cmd *serveCmd) Run(ctx context.Context, cfg *config.Config, term terminal) (err error) {
	log := newLogger(cfg, term.err)
	ln, err := listen(ctx, cfg)
	if err != nil {
		return err
	}
	defer ln.Close()
	public := cfg.URL(ln.Addr())
	if a, ok := ln.Addr().(*net.TCPAddr); ok && a.IP.IsUnspecified() && cfg.PublicURL == "" {
		log.WarnContext(ctx, "links work only on this machine: set EGRESS_PUBLIC_URL to the address that browsers use", "now", public)
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
	sys.takeOver(ctx, svc)
	sys.restoreLocks(ctx, svc)
	factors, err := sys.factors(cfg, public)
	if err != nil {
		return err
	}
	authority, err := sys.authority(cfg, factors)
	if err != nil {
		return err
	}
	sys.openRefusals(authority)
	keys, err := sys.keys(cfg)
	if err != nil {
		return err
	}
	backgroundMailer, err := sys.backgroundMailer(cfg, public)
	if err != nil {
		return err
	}
	app, hub, err := sys.newApp(cfg, svc, accessServices{authority, keys, factors, backgroundMailer}, public)
	if err != nil {
		return err
	}

	// Shutdown stops the stages in this order and waits for each one before it stops the next one.
	g, failed := errgroup.WithContext(context.WithoutCancel(ctx))
	sockets, closeSockets := stage(failed, g, hub.Run)
	streams, stopStreams := stage(failed, g, svc.RunStreams)
	workers, stopWorkers := stage(failed, g, func(ctx context.Context) error { return sys.runWorkers(ctx, cfg, svc) })
	background, stopBackground := stage(failed, g, func(ctx context.Context) error {
		var tasks sync.WaitGroup
		tasks.Go(func() { svc.Run(ctx) })
		tasks.Go(func() { authority.Run(ctx) })
		if backgroundMailer != nil {
			tasks.Go(func() { backgroundMailer.Run(ctx) })
		}
		tasks.Go(func() { sys.refusals.Run(ctx) })
		tasks.Go(func() { sys.foldText(ctx) })
		tasks.Wait()
		return nil
	})
	g.Go(func() error { return app.Listener(ln) })
	printAddress(term, cfg, public, first, sys.redisOutage)
	debug.FreeOSMemory() // the start hashes passwords, each in 19 MiB

	select {
	case <-ctx.Done():
		log.InfoContext(ctx, "shutting down")
	case <-failed.Done():
	}
	hub.Drain(failed)
	closeSockets()
	<-sockets
	if err := app.ShutdownWithTimeout(drainTimeout); err != nil {
		log.WarnContext(ctx, "shutdown ended requests before they were answered", "error", err)
	}
	stopStreams()
	<-streams
	stopWorkers()
	<-workers
	stopBackground()
	<-background
	return g.Wait()
}

// stage runs f in the group. done is closed when f has returned; stop cancels the context of f and
// does not wait.
func stage(
	parent context.Context, g *errgroup.Group, f func(context.Context) error,
) (done <-chan struct{}, stop func()) {
	ctx, cancel := context.WithCancel(context.WithoutCancel(parent))
	ended := make(chan struct{})
	g.Go(func() error {
		defer cancel()
		defer close(ended)
		return f(ctx)
	})
	return ended, cancel
}

// printAddress prints the address of the console and the first admin's login on the terminal, never
// in the log. The start that creates the first admin prints the password; later starts print the
// path of its file until the password is changed. A non-empty redisOutage replaces "ready".
func printAddress(term terminal, cfg *config.Config, public string, first *login, redisOutage string) {
	if redisOutage == "" {
		fmt.Fprintf(term.out, "\nEgress is ready at %s\n", public)
	} else {
		fmt.Fprintf(term.out, "\nEgress is at %s, and its exports wait: %s\n", public, redisOutage)
	}
	switch {
	case first == nil:
	case first.created:
		printLogin(term, first)
	default:
		printLogin(term, &login{email: first.email, password: "unchanged, in " + firstLoginPath(cfg)})
	}
	fmt.Fprintf(term.out, "  API:      %s/docs/api/\n\n", public)
}

// runner returns the runner of the export pipeline.
func (s *system) runner(cfg *config.Config) *pipeline.Runner {
	if s.exports == nil {
		s.exports = pipeline.New(pipeline.Options{
			Planner: s.compiler(), Accounts: s.stores.directory, Users: s.stores.users, Events: s.stores.events, Snapshots: s.stores.snapshots,
			Storage: s.storage, Reach: s.reach, Logger: s.log, Version: version,
			Settings: pipeline.Settings{Readers: cfg.Readers},
		})
	}
	return s.exports
}

// compiler returns the compiler of definitions.
func (s *system) compiler() exporter.Compiler {
	return exporter.Compiler{Directory: s.stores.directory, Catalogs: s.stores.users}
}

// exporter returns the use cases of exports.
func (s *system) exporter(cfg *config.Config, svc *jobs.Service) *exporter.Exporter {
	return exporter.New(exporter.Options{
		Jobs: svc, Features: s.features, Definitions: s.compiler(), Users: s.console,
		Runner: s.runner(cfg), Audit: s.audit, Logger: s.log,
	})
}

// jobs returns the service that admits, runs and reconciles jobs. Links in e-mails start with the
// public URL: with an empty URL this process sends no e-mails and leaves them to the others.
func (s *system) jobs(cfg *config.Config, public string) (*jobs.Service, error) {
	bus := redis.NewBus(s.redis)
	o := jobs.Options{
		Store: s.stores.jobs, Lock: redis.NewLock(s.redis), Queue: redis.NewQueue(s.redis), Bus: bus, Feed: bus,
		Storage: s.storage, Reach: s.reach, Executor: s.runner(cfg), Retention: s.stores.admins.Retention, Logger: s.log,
		Settings: jobs.Settings{Retention: cfg.Retention, MailElsewhere: public == ""},
	}
	if public != "" {
		mailer, err := s.mailer(cfg, public)
		if err != nil {
			return nil, err
		}
		o.Mailer = mailer
	}
	return jobs.New(o), nil
}

// runWorkers runs queued jobs until ctx is done, at most cfg.Workers at the same time.
func (s *system) runWorkers(ctx context.Context, cfg *config.Config, svc *jobs.Service) error {
	if cfg.Workers == 0 {
		<-ctx.Done()
		return nil
	}
	return redis.NewQueue(s.redis).Serve(ctx, cfg.Workers, svc.Work)
}

// startWorkers starts the workers and the background tasks of the jobs service. stop stops the
// workers, then the background tasks, waits for both and returns the first error. failed is done
// when one of them has failed.
func (s *system) startWorkers(
	ctx context.Context, cfg *config.Config, svc *jobs.Service,
) (failed context.Context, stop func() error) {
	g, failed := errgroup.WithContext(context.WithoutCancel(ctx))
	workers, stopWorkers := stage(failed, g, func(ctx context.Context) error { return s.runWorkers(ctx, cfg, svc) })
	_, stopBackground := stage(failed, g, func(ctx context.Context) error { svc.Run(ctx); return nil })
	return failed, func() error {
		stopWorkers()
		<-workers
		stopBackground()
		return g.Wait()
	}
}

// takeOver continues at once the jobs that a killed process left in the embedded database: the lock
// of the data directory proves that it is gone. A failure is logged: the jobs then continue when
// their heartbeats are stale.
func (s *system) takeOver(ctx context.Context, svc *jobs.Service) {
	if s.stack == nil || s.stack.DatabaseDir() == "" {
		return
	}
	if err := svc.TakeOver(ctx); err != nil {
		s.log.WarnContext(ctx, "cannot take over the jobs of the last process yet; they continue in seconds", "error", err)
	}
}

// restoreLocks writes the locks of live jobs to Redis, where admission checks first. A failure is
// logged: admission then checks the database.
func (s *system) restoreLocks(ctx context.Context, svc *jobs.Service) {
	if err := svc.RestoreLocks(ctx); err != nil {
		s.log.WarnContext(ctx, "cannot restore the locks of live jobs yet; admission checks the database instead", "error", err)
	}
}

// accessServices authenticate and authorize callers.
type accessServices struct {
	authority        *auth.Service
	keys             *auth.Keys
	factors          *auth.Factors
	backgroundMailer *mail.BackgroundMailer // nil without a configured mail server
}

// newApp returns the Fiber app that serves the API, the sockets and the console, and the hub of the
// sockets.
func (s *system) newApp(
	cfg *config.Config, svc *jobs.Service, services accessServices, public string,
) (*fiber.App, *live.Hub, error) {
	bus := redis.NewBus(s.redis)
	hub := live.New(live.Options{
		Feed: bus, Jobs: svc, Sessions: services.authority, View: api.JobView(svc), Exporting: s.runner(cfg).Running, Logger: s.log,
	})
	pages, _ := frontend.Files()
	o := api.Options{
		Auth: services.authority, Keys: services.keys, Factors: services.factors, Audit: s.audit, Refusals: s.refusals, Jobs: svc, Features: s.features,
		Settings: s.stores.admins, SavedFilters: s.stores.filters, Preferences: s.stores.choices, Exports: s.exporter(cfg, svc), Users: s.console, PageEnds: redis.NewPageEnds(s.redis), Records: records{s.console, s.stores.writer},
		Directory: s.stores.directory, Control: bus, Hub: hub, PublicURL: public, LinkURL: cfg.PublicURL, Proxies: cfg.TrustedProxies, Console: pages, Logger: s.log,
		Checks: map[string]func(context.Context) error{"redis": s.redis.Probe, "storage": s.storage.Ping},
	}
	o.Checks["server"] = func(context.Context) error {
		if hub.Draining() {
			return errors.New("the server is shutting down")
		}
		return nil
	}
	for _, d := range s.stores.databases {
		o.Checks[d.name] = d.ping
	}
	if s.stack != nil {
		o.Checks["disk"] = s.stack.CheckSpace
	}
	if services.backgroundMailer != nil {
		o.Mail = services.backgroundMailer
	} else {
		o.Outbox = s.stores.outbox
	}
	gateway, err := s.gateway()
	if err != nil {
		return nil, nil, err
	}
	if gateway != "" {
		o.Files = api.NewStorageProxy(embeddedBucket, gateway)
	}
	app, err := api.New(o)
	return app, hub, err
}
