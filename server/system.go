package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/url"

	"github.com/egress-io/egress/internal/config"
	"github.com/egress-io/egress/internal/embedded"
	"github.com/egress-io/egress/internal/export"
	"github.com/egress-io/egress/internal/flags"
	"github.com/egress-io/egress/internal/mongo"
	"github.com/egress-io/egress/internal/redis"
	"github.com/egress-io/egress/internal/s3"
)

// embeddedBucket is the bucket of the embedded S3, and the first segment of its links.
const embeddedBucket = "exports"

// status is the exit status for an error: 2 where what was given is wrong or the data folder is in use, else 1.
func status(err error) int {
	if errors.Is(err, embedded.ErrRunning) || export.CodeOf(err) == export.CodeInvalid || export.CodeOf(err) == export.CodeNotFound {
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

// system is the parts that a command works with: the embedded ones where they run, and the clients.
type system struct {
	log      *slog.Logger
	stack    *embedded.Stack
	db       *mongo.DB
	accounts *mongo.Accounts
	features *flags.Flags
	redis    *redis.Client
	storage  *s3.Storage
}

// openDatabase opens what commands need that only touch data.
func openDatabase(ctx context.Context, cfg *config.Config, log *slog.Logger) (*system, error) {
	return open(ctx, cfg, log, embedded.Options{MongoDB: cfg.EmbeddedParts().MongoDB})
}

// openStored opens what commands need that look at jobs and their files.
func openStored(ctx context.Context, cfg *config.Config, log *slog.Logger) (*system, error) {
	parts := cfg.EmbeddedParts()
	s, err := open(ctx, cfg, log, embedded.Options{MongoDB: parts.MongoDB, S3: parts.S3})
	if err != nil {
		return nil, err
	}
	if err := s.openStorage(ctx, cfg, ""); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// openAll opens everything. Links to embedded files are signed for publicURL.
func openAll(ctx context.Context, cfg *config.Config, log *slog.Logger, publicURL string) (*system, error) {
	parts := cfg.EmbeddedParts()
	s, err := open(ctx, cfg, log, embedded.Options{MongoDB: parts.MongoDB, Redis: parts.Redis, S3: parts.S3})
	if err != nil {
		return nil, err
	}
	if err := s.openRedis(cfg); err != nil {
		return nil, errors.Join(err, s.close())
	}
	if err := s.openStorage(ctx, cfg, publicURL); err != nil {
		return nil, errors.Join(err, s.close())
	}
	return s, nil
}

// open starts the embedded parts and connects to the databases.
func open(ctx context.Context, cfg *config.Config, log *slog.Logger, parts embedded.Options) (_ *system, err error) {
	s := &system{log: log}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if parts.MongoDB || parts.Redis || parts.S3 {
		parts.Dir, parts.Bucket, parts.Logger = cfg.DataDir, embeddedBucket, log
		if s.stack, err = embedded.Start(ctx, parts); err != nil {
			return nil, err
		}
	}
	uri := cfg.MongoDBURI.Reveal()
	if parts.MongoDB {
		uri = s.stack.MongoDBURI()
	}
	s.db, err = mongo.Connect(ctx, mongo.Options{
		URI: uri, UsersURI: cfg.UsersMongoDBURI.Reveal(), Database: cfg.MongoDBDatabase, SingleWriter: parts.MongoDB, Logger: log,
	})
	if err != nil {
		return nil, err
	}
	s.accounts = mongo.NewAccounts(s.db)
	return s, s.db.EnsureControlIndexes(ctx)
}

func (s *system) openRedis(cfg *config.Config) (err error) {
	address := cfg.RedisURL.Reveal()
	if address == "" {
		address = s.stack.RedisURL()
	}
	s.redis, err = redis.Connect(address, s.log)
	return err
}

// openFeatures starts the provider of features. Any other of OpenFeature can stand here.
func (s *system) openFeatures(ctx context.Context) (err error) {
	s.features, err = flags.Open(ctx, flags.NewProvider(s.accounts))
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
		}
		files.AccessKey, files.SecretKey = s.stack.S3Credentials()
	}
	s.storage, err = s3.New(ctx, files)
	return err
}

// gateway is the address of the embedded S3, or "".
func (s *system) gateway() (string, error) {
	if s.stack == nil || s.stack.S3Endpoint() == "" {
		return "", nil
	}
	u, err := url.Parse(s.stack.S3Endpoint())
	if err != nil {
		return "", fmt.Errorf("read the address of the embedded S3: %w", err)
	}
	return u.Host, nil
}

// close disconnects and ends the embedded parts. It may be called on a system that is only half open.
func (s *system) close() error {
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	var errs []error
	if s.features != nil {
		errs = append(errs, s.features.Close(ctx))
	}
	if s.redis != nil {
		errs = append(errs, s.redis.Close())
	}
	if s.db != nil {
		errs = append(errs, s.db.Close(ctx))
	}
	if s.stack != nil {
		errs = append(errs, s.stack.Close())
	}
	return errors.Join(errs...)
}

// listen opens the address that is served.
func listen(ctx context.Context, cfg *config.Config) (net.Listener, error) {
	var l net.ListenConfig
	ln, err := l.Listen(ctx, "tcp", cfg.Addr)
	if err != nil {
		return nil, export.Wrap(export.CodeInvalid, err, "EGRESS_ADDR: cannot listen on "+cfg.Addr)
	}
	return ln, nil
}
