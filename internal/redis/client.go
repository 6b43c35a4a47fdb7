// Package redis is the fast helper beside MongoDB: the gate in front of a requester's slot, the queue that wakes workers,
// the bus that tells every process, and the throttle of logins. Nothing in it is the truth about anything, and all of
// it may be lost at any time.
//
// Every script and every command touches one key, or keys that share a hash tag, so that a cluster can serve it.
package redis

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"sync"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

const (
	prefix = "egress:"

	// commandTimeout bounds one call of ours, retries included: a server that hangs must not hold a request.
	commandTimeout = 800 * time.Millisecond

	dialTimeout   = 500 * time.Millisecond
	socketTimeout = 700 * time.Millisecond

	// The pause before the one retry. asynq asks for the next task again at once when asking failed, so this is also
	// what keeps a worker from spinning while the server is down.
	minBackoff = 100 * time.Millisecond
	maxBackoff = 200 * time.Millisecond
)

// Client is a connection to one server, to a group watched by sentinels, or to a cluster. It is safe for concurrent use.
type Client struct {
	rdb redis.UniversalClient
	log *slog.Logger
}

// Connect opens the client for a URL. It does not wait for the server: what needs Redis works once Redis is there. Forms:
//
//	redis://[user:password@]host[:6379][/db]                    one server; rediss:// with TLS
//	redis+sentinel://[user:password@]host[:26379],…/master[/db]  rediss+sentinel:// with TLS
//	redis+cluster://[user:password@]host[:6379],…               rediss+cluster:// with TLS
//
// An error says what is wrong with the URL and never repeats it, since it may hold a password.
func Connect(url string, logger *slog.Logger) (*Client, error) {
	o, err := parse(url)
	if err != nil {
		return nil, err
	}
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	logger = logger.With("component", "redis")
	silence()
	return &Client{rdb: redis.NewUniversalClient(o.universal()), log: logger}, nil
}

// Ping asks whether the server answers.
func (c *Client) Ping(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	if err := c.rdb.Ping(ctx).Err(); err != nil {
		return fmt.Errorf("ping Redis: %w", err)
	}
	return nil
}

// Close closes all connections. Stop what uses the client first.
func (c *Client) Close() error {
	if err := c.rdb.Close(); err != nil && !errors.Is(err, redis.ErrClosed) {
		return fmt.Errorf("close Redis: %w", err)
	}
	return nil
}

func (a address) universal() *redis.UniversalOptions {
	u := &redis.UniversalOptions{
		Addrs: a.hosts, DB: a.db, MasterName: a.master, IsClusterMode: a.cluster,
		Username: a.username, Password: a.password,
		DialTimeout: dialTimeout, DialerRetries: 1, ReadTimeout: socketTimeout, WriteTimeout: socketTimeout,
		PoolTimeout: socketTimeout, ContextTimeoutEnabled: true,
		MaxRetries: 1, MinRetryBackoff: minBackoff, MaxRetryBackoff: maxBackoff,
		// Hosted Redis announces maintenance by a command that others do not know.
		MaintNotificationsConfig: &maintnotifications.Config{Mode: maintnotifications.ModeDisabled},
	}
	if a.tls {
		u.TLSConfig = &tls.Config{MinVersion: tls.VersionTLS12}
		if len(a.hosts) == 1 {
			if host, _, err := net.SplitHostPort(a.hosts[0]); err == nil {
				u.TLSConfig.ServerName = host
			}
		}
	}
	return u
}

// silence keeps the library from writing to standard error: what fails is returned, and logged where it matters.
var silence = sync.OnceFunc(func() { redis.SetLogger(discard{}) })

type discard struct{}

func (discard) Printf(context.Context, string, ...any) {}
