package redis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/egress-io/egress/internal/jobs"
)

// LockTTL is the lifetime of a lock that nobody refreshes.
const LockTTL = 15 * time.Minute

// takeScript sets a key for one holder, unless another holder has it.
//
//	KEYS[1]  the key: a slot's lock, or a nonce
//	ARGV[1]  the holder: a job, or one use of the nonce
//	ARGV[2]  lifetime in milliseconds
//	returns  the current holder
var takeScript = redis.NewScript(`
if redis.call("SET", KEYS[1], ARGV[1], "NX", "PX", ARGV[2]) then
	return ARGV[1]
end
return redis.call("GET", KEYS[1])`)

// takeOverScript passes the lock to a job if a given other job holds it.
//
//	KEYS[1]  the slot's lock
//	ARGV[1]  the job that must hold it
//	ARGV[2]  the new holder
//	ARGV[3]  lifetime in milliseconds
//	returns  1 if done, 0 if another job holds the lock, or none
var takeOverScript = redis.NewScript(`
if redis.call("GET", KEYS[1]) ~= ARGV[1] then
	return 0
end
redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3])
return 1`)

// releaseScript deletes the lock if the job holds it.
//
//	KEYS[1]  the slot's lock
//	ARGV[1]  the job
//	returns  1 if deleted, 0 if another job holds the lock, or none
var releaseScript = redis.NewScript(`
if redis.call("GET", KEYS[1]) ~= ARGV[1] then
	return 0
end
return redis.call("DEL", KEYS[1])`)

// Lock is the lock of a requester's slot.
type Lock struct{ c *Client }

var _ jobs.Lock = Lock{}

// NewLock returns the locks kept by a client.
func NewLock(c *Client) Lock { return Lock{c} }

func lockKey(slot jobs.Slot) string { return prefix + "{lock}:" + slot.String() }

// Take acquires the lock for jobID unless another job holds it. It returns the job that then holds
// it.
func (l Lock) Take(ctx context.Context, slot jobs.Slot, jobID string) (holder string, err error) {
	return run(ctx, "take a lock", func(ctx context.Context) (string, error) {
		return takeScript.Run(ctx, l.c.rdb, []string{lockKey(slot)}, jobID, LockTTL.Milliseconds()).Text()
	})
}

// TakeOver acquires the lock for jobID if the job from holds it.
func (l Lock) TakeOver(ctx context.Context, slot jobs.Slot, from, jobID string) (done bool, err error) {
	return run(ctx, "take over a lock", func(ctx context.Context) (bool, error) {
		return takeOverScript.Run(ctx, l.c.rdb, []string{lockKey(slot)}, from, jobID, LockTTL.Milliseconds()).Bool()
	})
}

// Set acquires the lock for jobID, even if another job holds it.
func (l Lock) Set(ctx context.Context, slot jobs.Slot, jobID string) error {
	_, err := run(ctx, "set a lock", func(ctx context.Context) (string, error) {
		return l.c.rdb.Set(ctx, lockKey(slot), jobID, LockTTL).Result()
	})
	return err
}

// Release frees the lock if jobID holds it.
func (l Lock) Release(ctx context.Context, slot jobs.Slot, jobID string) error {
	_, err := run(ctx, "release a lock", func(ctx context.Context) (int64, error) {
		return releaseScript.Run(ctx, l.c.rdb, []string{lockKey(slot)}, jobID).Int64()
	})
	return err
}

// run makes one call, bounded by commandTimeout. Its error is that of the caller's context, or
// wraps an errs.OutageError. A missing value (redis.Nil) is not an error.
func run[T any](ctx context.Context, action string, call func(context.Context) (T, error)) (T, error) {
	callCtx, cancel := context.WithTimeout(ctx, commandTimeout)
	defer cancel()
	result, err := call(callCtx)
	if err != nil && !errors.Is(err, redis.Nil) {
		return result, fmt.Errorf("%s: %w", action, asOutage(ctx, err))
	}
	return result, nil
}
