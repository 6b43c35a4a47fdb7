package redis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/egress-io/egress/internal/export/jobs"
)

// LockTTL is how long a lock stays when nobody refreshes it.
const LockTTL = 15 * time.Minute

// takeScript takes something for one holder, unless another has it.
//
//	KEYS[1]  what is taken: a slot's lock, or a nonce
//	ARGV[1]  the holder: a job, or a use of the nonce
//	ARGV[2]  milliseconds to live
//	returns  who holds it now
var takeScript = redis.NewScript(`
if redis.call("SET", KEYS[1], ARGV[1], "NX", "PX", ARGV[2]) then
	return ARGV[1]
end
return redis.call("GET", KEYS[1])`)

// takeOverScript closes the gate for one job if it is closed for another.
//
//	KEYS[1]  the slot's lock
//	ARGV[1]  the job that must hold it
//	ARGV[2]  the job that is to hold it
//	ARGV[3]  milliseconds to live
//	returns  1 if done, 0 if another holds it, or nobody
var takeOverScript = redis.NewScript(`
if redis.call("GET", KEYS[1]) ~= ARGV[1] then
	return 0
end
redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
return 1`)

// releaseScript opens the gate if it is closed for the job.
//
//	KEYS[1]  the slot's lock
//	ARGV[1]  the job
//	returns  1 if opened, 0 if another holds it, or nobody
var releaseScript = redis.NewScript(`
if redis.call("GET", KEYS[1]) ~= ARGV[1] then
	return 0
end
return redis.call("DEL", KEYS[1])`)

// Lock is the gate in front of a requester's slot.
type Lock struct{ c *Client }

var _ jobs.Gate = Lock{}

// NewLock returns the lock of a client.
func NewLock(c *Client) Lock { return Lock{c} }

func lockKey(slot jobs.Slot) string { return prefix + "{lock}:" + slot.String() }

// Take implements jobs.Gate.
func (l Lock) Take(ctx context.Context, slot jobs.Slot, jobID string) (holder string, err error) {
	return run(ctx, "take a lock", func(ctx context.Context) (string, error) {
		return takeScript.Run(ctx, l.c.rdb, []string{lockKey(slot)}, jobID, LockTTL.Milliseconds()).Text()
	})
}

// TakeOver implements jobs.Gate.
func (l Lock) TakeOver(ctx context.Context, slot jobs.Slot, from, jobID string) (done bool, err error) {
	return run(ctx, "take over a lock", func(ctx context.Context) (bool, error) {
		return takeOverScript.Run(ctx, l.c.rdb, []string{lockKey(slot)}, from, jobID, LockTTL.Milliseconds()).Bool()
	})
}

// Set implements jobs.Gate.
func (l Lock) Set(ctx context.Context, slot jobs.Slot, jobID string) error {
	_, err := run(ctx, "set a lock", func(ctx context.Context) (string, error) {
		return l.c.rdb.Set(ctx, lockKey(slot), jobID, LockTTL).Result()
	})
	return err
}

// Release implements jobs.Gate.
func (l Lock) Release(ctx context.Context, slot jobs.Slot, jobID string) error {
	_, err := run(ctx, "release a lock", func(ctx context.Context) (int64, error) {
		return releaseScript.Run(ctx, l.c.rdb, []string{lockKey(slot)}, jobID).Int64()
	})
	return err
}

// run makes one call within the time that a call may take.
func run[T any](ctx context.Context, action string, call func(context.Context) (T, error)) (T, error) {
	ctx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	result, err := call(ctx)
	if err != nil && !errors.Is(err, redis.Nil) {
		return result, fmt.Errorf("%s: %w", action, err)
	}
	return result, nil
}
