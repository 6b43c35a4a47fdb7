// Package embedded runs the services that are not configured in the Egress process: Redis
// (miniredis) and S3 (Versity S3 Gateway over plain files). It locks the data directory, which
// stores users and jobs (SQLite files, which package sqlite opens), files of exports and
// credentials. The data in Redis does not survive the process.
//
// Every service listens on the loopback interface or on a Unix socket in a private directory, and
// requires a credential or a file permission. Other accounts of the machine have no access.
//
// Starting the S3 service changes the working directory of the process, since the gateway requires
// it. Make relative paths absolute before. A process can run one S3 service at a time.
package embedded

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"time"
)

// Options configures Start.
type Options struct {
	Dir       string // the data directory; created if missing, and locked while the stack runs
	Database  bool   // whether the process uses the directory of the SQLite files
	Redis, S3 bool   // the services to run
	Bucket    string // the S3 bucket, created if missing; empty means "egress"
	Logger    *slog.Logger
}

// Stack is a set of running services.
type Stack struct {
	dir      string // absolute
	lock     *lock
	sockets  *socketDir
	database bool
	redis    *redis
	objects  *gateway
	logger   *slog.Logger
}

// Start locks the data directory and starts the services. They accept requests when it returns. The
// caller must Close the stack. If another process has locked the directory, the error is a
// [*RunningError]. On an error, no service keeps running. The context cancels only the start.
func Start(ctx context.Context, o Options) (*Stack, error) {
	if o.Bucket == "" {
		o.Bucket = "egress"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	logger := o.Logger.With("component", "embedded")
	dir, err := filepath.Abs(o.Dir) // the gateway changes the working directory later
	if err != nil {
		return nil, fmt.Errorf("resolve the path of the data directory: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("create the data directory: %w", err)
	}

	s := &Stack{dir: dir, database: o.Database, logger: logger}
	if s.lock, err = acquireLock(filepath.Join(dir, "egress.lock")); err != nil {
		return nil, err
	}
	started := time.Now()
	if err := s.start(ctx, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	logger.DebugContext(ctx, "embedded services started", "database", o.Database, "redis", o.Redis, "s3", o.S3, "took", time.Since(started))
	return s, nil
}

func (s *Stack) start(ctx context.Context, o Options) (err error) {
	if o.Redis {
		if s.redis, err = startRedis(); err != nil {
			return fmt.Errorf("start the embedded Redis: %w", err)
		}
	}
	if o.S3 {
		if s.sockets, err = openSocketDir(s.dir); err != nil {
			return err
		}
		if s.objects, err = startGateway(ctx, s.dir, o.Bucket, s.sockets, s.logger); err != nil {
			return fmt.Errorf("start the embedded S3: %w", err)
		}
	}
	return nil
}

// DatabaseDir returns the absolute path of the directory for the SQLite files, or "" without
// [Options].Database. The stack does not create it. No other process uses it while the stack runs.
func (s *Stack) DatabaseDir() string {
	if !s.database {
		return ""
	}
	return DatabaseDir(s.dir)
}

// DatabaseDir returns the directory of the SQLite files in a data directory. Only the process whose
// stack runs may open them.
func DatabaseDir(dataDir string) string { return filepath.Join(dataDir, "sqlite") }

// RedisURL returns the URL of the embedded Redis with its password, or "" if it does not run.
func (s *Stack) RedisURL() string {
	if s.redis == nil {
		return ""
	}
	return s.redis.url
}

// S3Endpoint returns the URL of the embedded S3 ("http://127.0.0.1:port"), or "" if it does not
// run. Clients must use path-style addresses and the region [Region].
func (s *Stack) S3Endpoint() string {
	if s.objects == nil {
		return ""
	}
	return s.objects.endpoint
}

// S3Credentials returns the credentials of the embedded S3. They survive restarts, so presigned
// URLs stay valid.
func (s *Stack) S3Credentials() (accessKey, secret string) {
	if s.objects == nil {
		return "", ""
	}
	return s.objects.credentials.access, s.objects.credentials.secret
}

// Close stops the services in reverse order and unlocks the data directory. Close the database, and
// disconnect clients, before.
func (s *Stack) Close() error {
	var failures []error
	if s.objects != nil {
		failures = append(failures, s.objects.Close())
	}
	if s.redis != nil {
		s.redis.Close()
	}
	if s.sockets != nil {
		failures = append(failures, s.sockets.Close())
	}
	failures = append(failures, s.lock.Release())
	return errors.Join(failures...)
}
