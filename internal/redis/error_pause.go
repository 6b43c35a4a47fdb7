package redis

import (
	"context"
	"time"

	"github.com/redis/go-redis/v9"
)

// errorPause is a hook that delays the caller after a failed command. When asynq fails to fetch a
// task, it retries at once: without the pause, one worker sent 30,000 commands per second to a full
// Redis.
type errorPause struct{ duration time.Duration }

var _ redis.Hook = errorPause{}

// DialHook implements redis.Hook.
func (p errorPause) DialHook(next redis.DialHook) redis.DialHook { return next }

// ProcessHook implements redis.Hook.
func (p errorPause) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		p.pauseAfterError(ctx, err)
		return err
	}
}

// ProcessPipelineHook implements redis.Hook.
func (p errorPause) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return func(ctx context.Context, cmds []redis.Cmder) error {
		err := next(ctx, cmds)
		p.pauseAfterError(ctx, err)
		return err
	}
}

// pauseAfterError waits after an error. A missing value and a missing script (NOSCRIPT) are not
// errors.
func (p errorPause) pauseAfterError(ctx context.Context, err error) {
	if err == nil || err == redis.Nil || redis.HasErrorPrefix(err, "NOSCRIPT") { //nolint:errorlint // redis.Nil is never wrapped
		return
	}
	timer := time.NewTimer(p.duration)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}
