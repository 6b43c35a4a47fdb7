// Package redis implements the parts that are kept in Redis: the lock of a requester's slot, the
// queue that wakes workers, the pub/sub bus that notifies every process, and the throttle of
// logins. MongoDB holds the authoritative data; everything in Redis may be lost at any time.
//
// Every script and every command touches one key, or keys with the same hash tag, so that a cluster
// can serve it.
package redis

import (
	"context"
	"crypto/rand"
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

	// commandTimeout bounds one call, including retries: a server that hangs must not block a request.
	commandTimeout = 800 * time.Millisecond

	dialTimeout   = 500 * time.Millisecond
	socketTimeout = 700 * time.Millisecond

	// The delay before the one retry. When asynq fails to fetch a task, it retries at once, so this
	// delay also prevents a busy loop while the server is down.
	minBackoff = 100 * time.Millisecond
	maxBackoff = 200 * time.Millisecond
)

// Client is a connection to one server, to a group watched by sentinels, or to a cluster. It is
// safe for concurrent use.
type Client struct {
	rdb     redis.UniversalClient
	log     *slog.Logger
	id      string // unique per client
	address address

	subscription subscription
}

// Connect opens a client for a URL. It does not wait for the server: calls fail until the server is
// reachable. URL forms:
//
//	redis://[user:password@]host[:6379][/db]                    one server; rediss:// with TLS
//	redis+sentinel://[user:password@]host[:26379],…/master[/db]  rediss+sentinel:// with TLS
//	redis+cluster://[user:password@]host[:6379],…               rediss+cluster:// with TLS
//
// An error says what is wrong with the URL and never repeats it, because the URL may contain a
// password.
func Connect(url string, logger *slog.Logger) (*Client, error) {
	o, err := parse(url)
	if err != nil {
		return nil, err
	}
	if logger == nil {
		logger = slog.New(slog.DiscardHandler)
	}
	logger = logger.With("component", "redis")
	silenceLibraryLog()
	return &Client{rdb: redis.NewUniversalClient(o.universal()), log: logger, id: rand.Text(), address: o}, nil
}

// Close closes all connections. Stop the users of the client first.
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
		// Only hosted Redis knows the command that announces maintenance.
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

// silenceLibraryLog stops the library from logging to standard error. Its failures are returned,
// and logged by the caller.
var silenceLibraryLog = sync.OnceFunc(func() { redis.SetLogger(discardLogger{}) })

type discardLogger struct{}

func (discardLogger) Printf(context.Context, string, ...any) {}
