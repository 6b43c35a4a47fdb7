package redis

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/egress-io/egress/internal/auth"
)

// countScript counts one event. The first event starts a window of time.
//
//	KEYS[1]  the counter
//	ARGV[1]  the window in milliseconds
//	returns  {events in the window, including this one; milliseconds until the window ends}
var countScript = redis.NewScript(`
local n = redis.call("INCR", KEYS[1])
local left = redis.call("PTTL", KEYS[1])
if left < 0 then
	redis.call("PEXPIRE", KEYS[1], ARGV[1])
	left = tonumber(ARGV[1])
end
return {n, left}`)

// readScript reads a counter without counting an event.
//
//	KEYS[1]  the counter
//	returns  {events in the window; milliseconds until the window ends}
var readScript = redis.NewScript(`
return {tonumber(redis.call("GET", KEYS[1]) or "0"), redis.call("PTTL", KEYS[1])}`)

// Throttle counts events per key in windows of time. All servers share the counters. Keys are
// hashed, because they may be addresses of people.
type Throttle struct{ c *Client }

var _ auth.Throttle = Throttle{}

// NewThrottle returns the throttle kept by a client.
func NewThrottle(c *Client) Throttle { return Throttle{c} }

// Take counts an event. It returns the number of events in the window, including this one, and the
// remaining time of the window. The first event starts the window.
func (t Throttle) Take(ctx context.Context, key string, l auth.Limit) (n int, left time.Duration, err error) {
	events, left, err := t.runScript(ctx, countScript, key, l.Window.Milliseconds())
	return int(events), left, err
}

// Count returns the number of events in the window and its remaining time. It counts nothing.
func (t Throttle) Count(ctx context.Context, key string) (n int, left time.Duration, err error) {
	events, left, err := t.runScript(ctx, readScript, key)
	return int(events), left, err
}

// RetryAfter returns the remaining time of the window if it has reached the limit, else 0. It
// counts nothing.
func (t Throttle) RetryAfter(ctx context.Context, key string, l auth.Limit) (time.Duration, error) {
	n, left, err := t.runScript(ctx, readScript, key)
	if err != nil || n < int64(l.Events) {
		return 0, err
	}
	return left, nil
}

// CountFailure counts a failure. The first failure starts the window.
func (t Throttle) CountFailure(ctx context.Context, key string, l auth.Limit) error {
	_, _, err := t.Take(ctx, key, l)
	return err
}

// ResetCount deletes a key's counter.
func (t Throttle) ResetCount(ctx context.Context, key string) error {
	_, err := run(ctx, "reset a throttle", func(ctx context.Context) (int64, error) {
		return t.c.rdb.Del(ctx, throttleKey(key)).Result()
	})
	return err
}

func (t Throttle) runScript(ctx context.Context, script *redis.Script, key string, args ...any) (n int64, left time.Duration, err error) {
	counts, err := run(ctx, "count for a throttle", func(ctx context.Context) ([]int64, error) {
		return script.Run(ctx, t.c.rdb, []string{throttleKey(key)}, args...).Int64Slice()
	})
	if err != nil {
		return 0, 0, err
	}
	if len(counts) != 2 {
		return 0, 0, fmt.Errorf("count for a throttle: got %d numbers, want 2", len(counts))
	}
	return counts[0], time.Duration(max(counts[1], 0)) * time.Millisecond, nil
}

func throttleKey(key string) string {
	sum := sha256.Sum256([]byte(key))
	return prefix + "throttle:" + hex.EncodeToString(sum[:])
}
