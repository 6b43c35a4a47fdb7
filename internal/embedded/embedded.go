// Package embedded runs what Egress needs in its own process, where nothing else is configured: MongoDB's protocol over
// SQLite (FerretDB), Redis (miniredis) and S3 (Versity S3 Gateway over plain files). Users and jobs, files and
// credentials are kept in the data directory and outlive the process; what is in Redis does not.
//
// Everything listens on the loopback interface or on a socket in a private directory, and everything asks for a
// credential or a file permission: other accounts of the machine get nothing.
//
// Starting the S3 part changes the working directory of the process, since the gateway insists on it, and there can be
// one such part per process at a time. Make relative paths absolute before.
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

// Options configure Start.
type Options struct {
	Dir                string // the data directory; made if missing, and locked while the stack runs
	MongoDB, Redis, S3 bool   // which parts to run
	Bucket             string // made in S3; empty: egress
	Logger             *slog.Logger
}

// Stack is the running parts.
type Stack struct {
	dir     string // absolute
	lock    *lock
	sockets *sockets
	mongo   *mongoDB
	redis   *redis
	objects *gateway
	logger  *slog.Logger
}

// Start locks the data directory and runs the parts that are asked for; they answer when it returns. While another
// process has the directory, the error is a [*RunningError]. On an error nothing is left running. The context bounds the
// start, not what was started.
func Start(ctx context.Context, o Options) (*Stack, error) {
	if o.Bucket == "" {
		o.Bucket = "egress"
	}
	if o.Logger == nil {
		o.Logger = slog.New(slog.DiscardHandler)
	}
	logger := o.Logger.With("component", "embedded")
	dir, err := filepath.Abs(o.Dir) // before the gateway changes the working directory
	if err != nil {
		return nil, fmt.Errorf("find the data directory: %w", err)
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("make the data directory: %w", err)
	}

	s := &Stack{dir: dir, logger: logger}
	if s.lock, err = acquire(filepath.Join(dir, "egress.lock")); err != nil {
		return nil, err
	}
	began := time.Now()
	if err := s.start(ctx, o); err != nil {
		return nil, errors.Join(err, s.Close())
	}
	logger.DebugContext(ctx, "embedded parts run", "mongodb", o.MongoDB, "redis", o.Redis, "s3", o.S3, "took", time.Since(began))
	return s, nil
}

func (s *Stack) start(ctx context.Context, o Options) (err error) {
	if s.sockets, err = openSockets(s.dir); err != nil {
		return err
	}
	if o.MongoDB {
		if s.mongo, err = startMongoDB(ctx, s.dir, s.sockets, s.logger); err != nil {
			return fmt.Errorf("start the embedded MongoDB: %w", err)
		}
	}
	if o.Redis {
		if s.redis, err = startRedis(); err != nil {
			return fmt.Errorf("start the embedded Redis: %w", err)
		}
	}
	if o.S3 {
		if s.objects, err = startGateway(ctx, s.dir, o.Bucket, s.sockets, s.logger); err != nil {
			return fmt.Errorf("start the embedded S3: %w", err)
		}
	}
	return nil
}

// MongoDBURI is where the embedded MongoDB listens, or "" where it does not run. Its writers need
// mongo.Options.SingleWriter.
func (s *Stack) MongoDBURI() string {
	if s.mongo == nil {
		return ""
	}
	return s.mongo.uri
}

// RedisURL is where the embedded Redis listens, its password included, or "" where it does not run.
func (s *Stack) RedisURL() string {
	if s.redis == nil {
		return ""
	}
	return s.redis.url
}

// S3Endpoint is where the embedded S3 listens ("http://127.0.0.1:port"), or "" where it does not run. Buckets are
// addressed in the path, and the region is [Region].
func (s *Stack) S3Endpoint() string {
	if s.objects == nil {
		return ""
	}
	return s.objects.endpoint
}

// S3Credentials sign requests to the embedded S3. They stay the same over restarts, and so do links that they signed.
func (s *Stack) S3Credentials() (accessKey, secret string) {
	if s.objects == nil {
		return "", ""
	}
	return s.objects.credentials.access, s.objects.credentials.secret
}

// Close ends the parts, the last first, and unlocks the data directory. Clients should have disconnected: those that
// have not are cut off after a few seconds.
func (s *Stack) Close() error {
	var errs []error
	if s.objects != nil {
		errs = append(errs, s.objects.Close())
	}
	if s.redis != nil {
		s.redis.Close()
	}
	if s.mongo != nil {
		errs = append(errs, s.mongo.Close())
	}
	if s.sockets != nil {
		errs = append(errs, s.sockets.Close())
	}
	errs = append(errs, s.lock.Release())
	return errors.Join(errs...)
}
