package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"

	"github.com/egress-io/egress/internal/audit"
	"github.com/egress-io/egress/internal/browse"
	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/embedded"
	"github.com/egress-io/egress/internal/errs"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/flags"
	"github.com/egress-io/egress/internal/pipeline"
	"github.com/egress-io/egress/internal/redis"
	"github.com/egress-io/egress/internal/s3"
)

// embeddedBucket is the bucket of the embedded S3, and the first segment of its links.
const embeddedBucket = "exports"

// status returns the exit status for an error: 2 for invalid input, a resource that does not exist,
// a data directory in use or a couldNotRunError, else 1.
func status(err error) int {
	if _, ok := errors.AsType[couldNotRunError](err); ok {
		return 2
	}
	if errors.Is(err, embedded.ErrRunning) || errs.CodeOf(err) == errs.CodeInvalidRequest || errs.CodeOf(err) == errs.CodeNotFound {
		return 2
	}
	return 1
}

func newLogger(cfg *config.Config, w io.Writer) *slog.Logger {
	o := &slog.HandlerOptions{Level: cfg.Level()}
	if cfg.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(w, o))
	}
	return slog.New(slog.NewTextHandler(w, o))
}

// system holds the clients that a command uses, and the embedded parts if this process runs them.
type system struct {
	log         *slog.Logger
	stack       *embedded.Stack
	stores      *stores
	console     *browse.Users // one per process: it shares and caches counts and checks of ids
	audit       *audit.Recorder
	refusals    *audit.Refusals // nil unless this process serves the API
	features    *flags.Flags
	redis       *redis.Client
	storage     *s3.Storage
	reach       export.Reach
	exports     *pipeline.Runner // one per process: it knows whether an export runs
	leave       func()           // unregisters the process from its peers; nil before join
	redisOutage string           // why Redis accepted no work at the start, or ""
}

// openDatabase opens a system with the databases only. The caller closes it.
func openDatabase(ctx context.Context, cfg *config.Config, log *slog.Logger) (*system, error) {
	return open(ctx, cfg, log, embedded.Options{Database: cfg.EmbeddedServices().Database})
}

// openStored opens a system with the databases and the file storage. The caller closes it.
func openStored(ctx context.Context, cfg *config.Config, log *slog.Logger) (*system, error) {
	parts := cfg.EmbeddedServices()
	s, err := open(ctx, cfg, log, embedded.Options{Database: parts.Database, S3: parts.S3})
	if err != nil {
		return nil, err
	}
	if err := s.openStorage(ctx, cfg, ""); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// openAll opens a system with the databases, Redis and the file storage. The caller closes it.
// publicURL is the endpoint of presigned URLs of the embedded storage.
func openAll(ctx context.Context, cfg *config.Config, log *slog.Logger, publicURL string) (*system, error) {
	parts := cfg.EmbeddedServices()
	s, err := open(ctx, cfg, log, embedded.Options{Database: parts.Database, Redis: parts.Redis, S3: parts.S3})
	if err != nil {
		return nil, err
	}
	if err := s.openRedis(ctx, cfg); err != nil {
		return nil, errors.Join(err, s.close())
	}
	err = s.openStorage(ctx, cfg, publicURL)
	if err == nil && s.stores.peers != nil {
		err = s.join(ctx, cfg)
	}
	if err == nil && !parts.S3 {
		err = s.checkStorage(ctx)
	}
	if err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// open starts the embedded parts and connects to the databases. It closes the system if it fails.
func open(ctx context.Context, cfg *config.Config, log *slog.Logger, parts embedded.Options) (_ *system, err error) {
	s := &system{log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	dir := ""
	if parts.Database || parts.Redis || parts.S3 {
		parts.Dir, parts.Bucket, parts.Logger = cfg.DataDir, embeddedBucket, log
		if s.stack, err = embedded.Start(ctx, parts); err != nil {
			return nil, err
		}
		dir = s.stack.DatabaseDir()
	}
	if s.stores, err = openStores(ctx, cfg, dir, log); err != nil {
		return nil, err
	}
	s.console = browse.New(browse.Options{Source: s.stores.users, Events: s.stores.events, Schemas: s.stores.directory})
	s.audit = audit.NewRecorder(s.stores.auditLog, nil)
	return s, nil
}

func (s *system) openRedis(ctx context.Context, cfg *config.Config) (err error) {
	address := cfg.RedisURL.Reveal()
	if address == "" {
		address = s.stack.RedisURL()
	}
	if s.redis, err = redis.Connect(address, s.log); err != nil {
		return err
	}
	return s.checkRedis(ctx, cfg)
}

// openFeatures starts the provider of feature flags. Any OpenFeature provider can replace it.
func (s *system) openFeatures(ctx context.Context) (err error) {
	s.features, err = flags.Open(ctx, flags.NewProvider(s.stores.admins))
	return err
}

func (s *system) openStorage(ctx context.Context, cfg *config.Config, publicURL string) (err error) {
	files := s3.Options{
		Bucket: cfg.S3Bucket, Endpoint: cfg.S3Endpoint, PublicEndpoint: cfg.S3PublicEndpoint, Region: cfg.S3Region,
		PathStyle: cfg.S3PathStyle, Checksums: s3.Checksums(cfg.S3Checksums),
	}
	if files.Bucket == "" {
		files = s3.Options{
			Bucket: embeddedBucket, Endpoint: s.stack.S3Endpoint(), PublicEndpoint: publicURL, Region: embedded.Region, PathStyle: true,
			Checksums: s3.WhenSupported, Embedded: true,
		}
		files.AccessKey, files.SecretKey = s.stack.S3Credentials()
	}
	if s.storage, err = s3.New(ctx, files); err != nil {
		return err
	}
	s.reach.Current = s.storage.Location()
	for _, former := range cfg.S3FormerEndpoints {
		s.reach.Former = append(s.reach.Former, s3.Normalize(former))
	}
	return nil
}

// gateway returns the host and port of the embedded S3, or "" without one.
func (s *system) gateway() (string, error) {
	if s.stack == nil || s.stack.S3Endpoint() == "" {
		return "", nil
	}
	u, err := url.Parse(s.stack.S3Endpoint())
	if err != nil {
		return "", fmt.Errorf("parse the endpoint of the embedded S3: %w", err)
	}
	return u.Host, nil
}

// close closes the clients and stops the embedded parts. It accepts a partly opened system.
func (s *system) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	var errs []error
	if s.leave != nil {
		s.leave()
	}
	if s.features != nil {
		errs = append(errs, s.features.Close(ctx))
	}
	if s.redis != nil {
		errs = append(errs, s.redis.Close())
	}
	if s.stores != nil {
		errs = append(errs, s.stores.close(ctx))
	}
	if s.stack != nil {
		errs = append(errs, s.stack.Close())
	}
	return errors.Join(errs...)
}

// listen listens on EGRESS_ADDR. The caller closes the listener.
func listen(ctx context.Context, cfg *config.Config) (net.Listener, error) {
	var l net.ListenConfig
	ln, err := l.Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return nil, errs.Wrap(errs.CodeInvalidRequest, err, "EGRESS_ADDR: cannot listen on "+cfg.Addr)
	}
	return ln, nil
}
