package redis

import (
	"context"
	"crypto/rand"
	"errors"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/egress-io/egress/internal/errs"
)

// probeTTL is the lifetime of the key that a probe writes.
const probeTTL = 10 * time.Second

// probeScript writes a value and reads it back, as locks, queue and limits do. A PING is not
// enough: a server that refuses writes still answers it.
//
//	KEYS[1]  the client's own key
//	ARGV[1]  the value
//	ARGV[2]  lifetime in milliseconds
//	returns  the value
var probeScript = redis.NewScript(`
redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2])
return redis.call("GET", KEYS[1])`)

// Probe checks that the server accepts reads and writes. Its error is that of the caller's context,
// or wraps an errs.OutageError.
func (c *Client) Probe(ctx context.Context) error {
	value := rand.Text()
	got, err := run(ctx, "probe Redis", func(ctx context.Context) (string, error) {
		return probeScript.Run(ctx, c.rdb, []string{prefix + "probe:" + c.id}, value, probeTTL.Milliseconds()).Text()
	})
	if err == nil && got != value {
		return &errs.OutageError{Kind: errs.OutageReadOnly, Message: "Redis does not store what is written.", Err: errors.New("another value was read")}
	}
	return err
}
